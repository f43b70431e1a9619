package plugin

import (
	"fmt"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// shape is what decoding does not see: which members must be there, and what may
// not be null.
type shape struct {
	kind     string // what it must be; empty = it may be null
	required []string
	members  map[string]*shape
	items    *shape
	values   *shape // of a map
}

// shapeOf is the shape of a schema; nil when anything goes.
func shapeOf(s *jsonschema.Schema) *shape {
	if s == nil {
		return nil
	}
	out := &shape{required: s.Required, items: shapeOf(s.Items), members: map[string]*shape{}}
	if s.Type != "null" {
		out.kind = s.Type
	}
	if s.AdditionalProperties != nil && len(s.Properties) == 0 {
		out.values = shapeOf(s.AdditionalProperties)
	}
	for name, member := range s.Properties {
		if inner := shapeOf(member); inner != nil {
			out.members[name] = inner
		}
	}
	if out.kind == "" && len(out.required) == 0 && len(out.members) == 0 && out.items == nil && out.values == nil {
		return nil
	}
	return out
}

// gap is the first thing that must be there and is not, or is null and may not
// be: its path and what is wrong. Kinds were checked before. Unless strict, null
// is as good as a missing member.
func (s *shape) gap(path string, v any, mode strictness) (field, problem string) {
	if s == nil {
		return "", ""
	}
	switch v := v.(type) {
	case nil:
		if mode == strict && s.kind != "" {
			return path, "is null; it must be of the type " + s.kind
		}
		if len(s.required) > 0 && s.kind != "" {
			return path + "." + s.required[0], "is missing"
		}
	case map[string]any:
		return s.gapInObject(path, v, mode)
	case []any:
		for i, item := range v {
			if field, problem = s.items.gap(fmt.Sprintf("%s[%d]", path, i), item, mode); field != "" {
				return field, problem
			}
		}
	}
	return "", ""
}

func (s *shape) gapInObject(path string, v map[string]any, mode strictness) (field, problem string) {
	for _, name := range s.required {
		member, found := v[name]
		if !found || (member == nil && mode == lenient && s.members[name] != nil && s.members[name].kind != "") {
			return path + "." + name, "is missing"
		}
	}
	for name, member := range v {
		inner := s.members[name]
		if inner == nil {
			inner = s.values
		}
		if member == nil && mode == lenient && !slices.Contains(s.required, name) {
			continue
		}
		if field, problem = inner.gap(path+"."+name, member, mode); field != "" {
			return field, problem
		}
	}
	return "", ""
}
