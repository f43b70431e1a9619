package jsonschema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	lib "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// explainer turns the library's tree of failures into faults for the person who
// wrote the value.
type explainer struct {
	doc any                    // the value that was checked
	at  map[string]*lib.Schema // parts of the schema by location
}

// tree adds the faults of a tree to a list.
func (x explainer) tree(e *lib.ValidationError, list *fault.List) {
	field := pathOf(x.doc, e.InstanceLocation)
	add := func(field, format string, args ...any) {
		*list = append(*list, fault.New(fault.Invalid, format, args...).AtField(field))
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range e.Causes {
			x.tree(cause, list)
		}
	case *kind.AnyOf:
		add(field, "%s", x.alternatives(e))
	case *kind.OneOf:
		if len(k.Subschemas) > 0 {
			add(field, "fits several of the forms that exclude each other")
			return
		}
		add(field, "%s", x.alternatives(e))
	case *kind.Required:
		for _, name := range k.Missing {
			add(join(field, memberPath(name)), "is missing")
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			add(join(field, memberPath(name)), "is not known here%s", x.known(e.SchemaURL))
		}
	case *kind.FalseSchema:
		add(field, "must not be there")
	case *kind.PropertyNames:
		add(join(field, memberPath(k.Property)), "is no allowed name%s", x.first(e.Causes))
	default:
		add(field, "%s", said(e))
	}
}

// known lists the members that a part of the schema names.
func (x explainer) known(location string) string {
	s := x.at[location]
	if s == nil || len(s.Properties) == 0 {
		return ""
	}
	names := slices.Sorted(maps.Keys(s.Properties))
	return "; known are " + enumeration(names)
}

// first is what the first of several failures says, in brackets.
func (x explainer) first(causes []*lib.ValidationError) string {
	var list fault.List
	for _, cause := range causes {
		x.tree(cause, &list)
	}
	if len(list) == 0 {
		return ""
	}
	return ": it " + tidy(list)[0].Message
}

// alternatives says what was wrong with each form that a value may have.
func (x explainer) alternatives(e *lib.ValidationError) string {
	var types, forms []string
	got := ""
	for _, cause := range e.Causes {
		if t, ok := cause.ErrorKind.(*kind.Type); ok && len(cause.InstanceLocation) == len(e.InstanceLocation) {
			got, types = t.Got, append(types, t.Want...)
			continue
		}
		var list fault.List
		x.tree(cause, &list)
		if list = tidy(list); len(list) > 0 {
			forms = append(forms, list[0].Error())
		}
	}
	switch {
	case len(forms) == 0 && len(types) > 0:
		return mustBe(types, got)
	case len(forms) == 1: // of the right type, but wrong
		return strings.TrimPrefix(forms[0], pathOf(x.doc, e.InstanceLocation)+": ")
	case len(forms) == 0:
		return "fits none of the allowed forms"
	}
	return fmt.Sprintf("fits none of the allowed forms (%s)", strings.Join(firstFew(forms), "; or "))
}

func firstFew(list []string) []string {
	if len(list) > 5 {
		return append(slices.Clone(list[:5]), "...")
	}
	return list
}

func enumeration(list []string) string {
	if len(list) > 20 {
		list = append(slices.Clone(list[:20]), "...")
	}
	return strings.Join(list, ", ")
}
