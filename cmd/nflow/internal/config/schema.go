package config

import (
	"reflect"
	"slices"
	"strings"
)

// field is one key of the schema: a struct field and its tags.
type field struct {
	name  string // last part of the path, such as "max_size"
	alias string // a second name, or empty
	index int    // of the struct field
	tags  reflect.StructTag
	typ   reflect.Type
}

// fields lists the keys of a section (or the sections of Config), in order.
func fields(t reflect.Type) []field {
	out := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("key")
		if name == "" {
			continue
		}
		out = append(out, field{name: name, alias: f.Tag.Get("alias"), index: i, tags: f.Tag, typ: f.Type})
	}
	return out
}

// find returns the field called name, by its name or alias.
func find(t reflect.Type, name string) (field, bool) {
	for _, f := range fields(t) {
		if f.name == name || f.alias == name && name != "" {
			return f, true
		}
	}
	return field{}, false
}

// isSection says whether the field is a table with keys of its own.
func (f field) isSection() bool { return f.typ.Kind() == reflect.Struct }

// isNamed says whether the field is a table of sections by name.
func (f field) isNamed() bool {
	return f.typ.Kind() == reflect.Map && f.typ.Elem().Kind() == reflect.Struct
}

// isTexts says whether the field is a table of texts by name.
func (f field) isTexts() bool {
	return f.typ.Kind() == reflect.Map && f.typ.Elem().Kind() == reflect.String
}

// isArray says whether the field is an array of sections.
func (f field) isArray() bool {
	return f.typ.Kind() == reflect.Slice && f.typ.Elem().Kind() == reflect.Struct
}

// isFree says whether the field is a table that may hold anything.
func (f field) isFree() bool {
	return f.typ.Kind() == reflect.Map && f.typ.Elem().Kind() == reflect.Interface
}

// secret says whether the value must never be repeated.
func (f field) secret() bool {
	return f.typ == reflect.TypeFor[Secret]() || f.tags.Get("secret") != ""
}

// names lists what may stand in a table, for suggestions.
func names(t reflect.Type) []string {
	var out []string
	for _, f := range fields(t) {
		out = append(out, f.name)
		if f.alias != "" {
			out = append(out, f.alias)
		}
	}
	return out
}

// visit calls fn for every key that holds a value, with its dotted path.
// Elements of databases are visited under their names and those of arrays under
// their numbers, as copies that nothing can set; other maps are one key.
func visit(v reflect.Value, prefix string, fn func(path string, f field, v reflect.Value)) {
	for _, f := range fields(v.Type()) {
		path, value := join(prefix, f.name), v.Field(f.index)
		switch {
		case f.isSection():
			visit(value, path, fn)
		case f.isNamed():
			for _, name := range sortedKeys(value) {
				visit(value.MapIndex(reflect.ValueOf(name)), join(path, name), fn)
			}
		case f.isArray():
			for i := range value.Len() {
				visit(reflect.ValueOf(value.Index(i).Interface()), element(path, i), fn)
			}
		default:
			fn(path, f, value)
		}
	}
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

func sortedKeys(m reflect.Value) []string {
	keys := make([]string, 0, m.Len())
	for _, k := range m.MapKeys() {
		keys = append(keys, k.String())
	}
	slices.Sort(keys)
	return keys
}

// setDefaults fills a struct from its default tags.
func setDefaults(v reflect.Value) {
	for _, f := range fields(v.Type()) {
		if f.isSection() {
			setDefaults(v.Field(f.index))
			continue
		}
		if text, ok := f.tags.Lookup("default"); ok {
			// A test proves that every default tag can be assigned.
			_ = assign(v.Field(f.index), f, plain(text))
		}
	}
}

// section is the part of a dotted path before the last dot.
func section(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return ""
}
