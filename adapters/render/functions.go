package render

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// maxVerbs bounds the arguments and % signs of one printf: a width may ask for
// a million characters each.
const maxVerbs = 64

// functions are what html templates can call besides the engine's own.
//
// Those that make text replace the engine's: a variable that is printed twice
// into itself doubles with each line of a template, so what they may make is
// bounded by limit, before it is made.
func functions(limit int) template.FuncMap {
	f := textFunctions{limit}
	return template.FuncMap{
		"unescapeHTML": htmlText,
		"index":        index,
		"print":        f.bounded(fmt.Sprint),
		"println":      f.bounded(fmt.Sprintln),
		"printf":       f.printf,
		"html":         f.bounded(template.HTMLEscaper),
		"js":           f.bounded(template.JSEscaper),
		"urlquery":     f.bounded(template.URLQueryEscaper),
	}
}

type textFunctions struct{ limit int }

// bounded wraps a function that makes at most a handful of bytes of each byte
// it is given, so checking what goes in bounds what comes out.
func (f textFunctions) bounded(write func(...any) string) func(...any) (string, error) {
	return func(args ...any) (string, error) {
		if f.size(args) > f.limit || len(args) > maxVerbs {
			return "", tooLong(f.limit)
		}
		s := write(args...)
		if len(s) > f.limit {
			return "", tooLong(f.limit)
		}
		return s, nil
	}
}

func (f textFunctions) printf(format string, args ...any) (string, error) {
	verbs := strings.Count(format, "%")
	if len(format)+verbs*f.size(args) > f.limit || verbs > maxVerbs {
		return "", tooLong(f.limit)
	}
	s := fmt.Sprintf(format, args...)
	if len(s) > f.limit {
		return "", tooLong(f.limit)
	}
	return s, nil
}

// size estimates the printed size of values; it stops counting over the limit.
func (f textFunctions) size(values []any) int {
	total := 0
	for _, v := range values {
		total += f.sizeOf(v, f.limit-total)
		if total > f.limit {
			return total
		}
	}
	return total
}

func (f textFunctions) sizeOf(v any, left int) int {
	const scalar = 24 // a number, and the room around any value
	total := scalar
	switch v := v.(type) {
	case string:
		total += len(v)
	case template.HTML:
		total += len(v)
	case []any:
		for i := 0; i < len(v) && total <= left; i++ {
			total += f.sizeOf(v[i], left-total)
		}
	case map[string]any:
		for k, member := range v {
			if total > left {
				break
			}
			total += len(k) + f.sizeOf(member, left-total)
		}
	}
	return total
}

// index is the engine's index for JSON data, except that null and what is
// missing have no members instead of failing: a visitor without a profile has
// an empty name.
func index(item any, keys ...any) (any, error) {
	for _, key := range keys {
		switch of := item.(type) {
		case nil, absent:
			return nil, nil //nolint:nilnil // nil is the template's word for nothing
		case map[string]any:
			name, ok := key.(string)
			if !ok {
				return nil, fault.New(fault.Invalid, "a member of an object is named by a string, not by %v", key)
			}
			item = of[name]
		case []any:
			n, ok := wholeNumber(key)
			if !ok || n < 0 || n >= int64(len(of)) {
				return nil, fault.New(fault.Invalid, "an array of %d has no element %v", len(of), key)
			}
			item = of[n]
		default:
			return nil, fault.New(fault.Invalid, "%v has no members", item)
		}
	}
	return item, nil
}

func wholeNumber(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	default:
		return 0, false
	}
}
