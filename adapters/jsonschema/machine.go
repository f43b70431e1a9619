package jsonschema

import (
	"errors"

	lib "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// machine is a compiled schema that counts its steps. It serves one check at a
// time.
type machine struct {
	root *lib.Schema
	at   map[string]*lib.Schema // parts of the document by location
	left int                    // steps
}

// errSteps ends a check that takes too many steps.
var errSteps = errors.New("too many steps")

// newMachine makes every part of a schema count. The library offers no hook, but
// calls the check of a format before a part does anything costly.
func newMachine(root *lib.Schema) (*machine, error) {
	m := &machine{root: root, at: map[string]*lib.Schema{}}
	todo := []*lib.Schema{root}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s == nil || m.at[s.Location] != nil || foreign(s) {
			continue
		}
		if s.DynamicRef != nil || s.RecursiveRef != nil {
			return nil, fault.New(fault.Invalid, "the JSON Schema uses $dynamicRef or $recursiveRef; use $ref")
		}
		m.at[s.Location] = s
		children := partsOf(s)
		m.count(s, len(children))
		todo = append(todo, children...)
	}
	return m, nil
}

// foreign reports whether a part is of a standard meta-schema. Those cannot
// change, and do not grow beyond measure.
func foreign(s *lib.Schema) bool {
	return len(s.Location) < len(address) || s.Location[:len(address)] != address
}

// count makes a part use up steps: for itself, for what it tries, for the members
// of a container, and for the bytes of a text that a pattern reads.
func (m *machine) count(s *lib.Schema, parts int) {
	before := s.Format
	name := ""
	if before != nil {
		name = before.Name
	}
	patterns := 1 + len(s.PatternProperties)
	s.Format = &lib.Format{Name: name, Validate: func(v any) error {
		cost := 1 + parts
		switch v := v.(type) {
		case map[string]any:
			cost += len(v) * patterns
		case []any:
			cost += len(v)
		case string:
			if s.Pattern != nil {
				cost += len(v)
			}
		}
		if m.left -= cost; m.left < 0 {
			panic(errSteps)
		}
		if before != nil {
			return before.Validate(v)
		}
		return nil
	}}
}

// partsOf lists the schemas that a schema uses directly.
func partsOf(s *lib.Schema) []*lib.Schema {
	list := []*lib.Schema{
		s.Ref, s.Not, s.If, s.Then, s.Else, s.PropertyNames, s.UnevaluatedProperties,
		s.Contains, s.Items2020, s.UnevaluatedItems, s.ContentSchema,
	}
	list = append(list, s.AllOf...)
	list = append(list, s.AnyOf...)
	list = append(list, s.OneOf...)
	list = append(list, s.PrefixItems...)
	for _, p := range s.Properties {
		list = append(list, p)
	}
	for _, p := range s.PatternProperties {
		list = append(list, p)
	}
	for _, p := range s.DependentSchemas {
		list = append(list, p)
	}
	for _, d := range s.Dependencies {
		list = appendIfSchema(list, d)
	}
	list = appendIfSchema(list, s.AdditionalProperties)
	list = appendIfSchema(list, s.AdditionalItems)
	list = appendIfSchema(list, s.Items)
	return present(list)
}

func appendIfSchema(list []*lib.Schema, v any) []*lib.Schema {
	switch v := v.(type) {
	case *lib.Schema:
		list = append(list, v)
	case []*lib.Schema:
		list = append(list, v...)
	}
	return list
}

func present(list []*lib.Schema) []*lib.Schema {
	kept := list[:0]
	for _, s := range list {
		if s != nil {
			kept = append(kept, s)
		}
	}
	return kept
}
