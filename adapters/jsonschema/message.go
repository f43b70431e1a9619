package jsonschema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	lib "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// said is what one failure without parts says of a value.
func said(e *lib.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.Type:
		return mustBe(k.Want, k.Got)
	case *kind.Enum:
		return "must be " + oneOf(k.Want) + ", but is " + shown(k.Got)
	case *kind.Const:
		return "must be " + shown(k.Want) + ", but is " + shown(k.Got)
	case *kind.Format:
		return fmt.Sprintf("is %s, which is no %s", shown(k.Got), k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("is %s, which does not match the pattern %s", shown(k.Got), k.Want)
	case *kind.Minimum:
		return fmt.Sprintf("must be at least %s, but is %s", number(k.Want), number(k.Got))
	case *kind.Maximum:
		return fmt.Sprintf("must be at most %s, but is %s", number(k.Want), number(k.Got))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("must be more than %s, but is %s", number(k.Want), number(k.Got))
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("must be less than %s, but is %s", number(k.Want), number(k.Got))
	case *kind.MultipleOf:
		return fmt.Sprintf("must be a multiple of %s, but is %s", number(k.Want), number(k.Got))
	}
	return saidOfSize(e)
}

func saidOfSize(e *lib.ValidationError) string {
	switch k := e.ErrorKind.(type) {
	case *kind.MinLength:
		return fmt.Sprintf("must have at least %d characters, but has %d", k.Want, k.Got)
	case *kind.MaxLength:
		return fmt.Sprintf("must have at most %d characters, but has %d", k.Want, k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %d items, but has %d", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("must have at most %d items, but has %d", k.Want, k.Got)
	case *kind.MinProperties:
		return fmt.Sprintf("must have at least %d members, but has %d", k.Want, k.Got)
	case *kind.MaxProperties:
		return fmt.Sprintf("must have at most %d members, but has %d", k.Want, k.Got)
	case *kind.AdditionalItems:
		return fmt.Sprintf("has %d items too many", k.Count)
	case *kind.UniqueItems:
		return fmt.Sprintf("must have no item twice, but [%d] and [%d] are equal", k.Duplicates[0], k.Duplicates[1])
	case *kind.Contains:
		return "has no item of the kind it must have"
	case *kind.MinContains:
		return fmt.Sprintf("must have at least %d items of a kind, but has %d", k.Want, len(k.Got))
	case *kind.MaxContains:
		return fmt.Sprintf("must have at most %d items of a kind, but has %d", k.Want, len(k.Got))
	case *kind.DependentRequired:
		return fmt.Sprintf("must have %s too, as it has %s", strings.Join(k.Missing, ", "), k.Prop)
	case *kind.Dependency:
		return fmt.Sprintf("must have %s too, as it has %s", strings.Join(k.Missing, ", "), k.Prop)
	case *kind.Not:
		return "has a form that is not allowed"
	case *kind.RefCycle:
		return "cannot be checked, because its JSON Schema refers to itself without end"
	}
	return "does not fit its JSON Schema"
}

func mustBe(types []string, got string) string {
	var names []string
	for _, t := range types {
		if name := withArticle(t); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return "must be " + strings.Join(names, " or ") + ", but is " + withArticle(got)
}

func withArticle(t string) string {
	switch t {
	case "null":
		return "null"
	case "boolean":
		return "true or false"
	case "array", "integer", "object":
		return "an " + t
	}
	return "a " + t
}

func oneOf(values []any) string {
	list := make([]string, 0, len(values))
	for _, v := range values {
		list = append(list, shown(v))
	}
	if len(list) == 1 {
		return list[0]
	}
	return "one of " + enumeration(list)
}

// shown is a value as JSON, cut when it is long.
func shown(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "something else"
	}
	return short(string(b))
}

func short(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

func number(r *big.Rat) string {
	if r.IsInt() && len(r.Num().String()) < 30 {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return fmt.Sprintf("%v", f)
}
