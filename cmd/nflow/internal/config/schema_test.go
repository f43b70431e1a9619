package config

import (
	"reflect"
	"strings"
	"testing"
)

// everyField calls fn for each key, those of databases.NAME included.
func everyField(t reflect.Type, prefix string, fn func(path string, f field)) {
	for _, f := range fields(t) {
		path := join(prefix, f.name)
		fn(path, f)
		switch {
		case f.isSection():
			everyField(f.typ, path, fn)
		case f.isNamed():
			everyField(f.typ.Elem(), path+".NAME", fn)
		case f.isArray():
			everyField(f.typ.Elem(), path, fn)
		}
	}
}

func TestTags(t *testing.T) {
	everyField(reflect.TypeFor[Config](), "", func(path string, f field) {
		if f.tags.Get("doc") == "" {
			t.Errorf("%s has no doc", path)
		}
		if strings.ContainsAny(f.tags.Get("doc"), "|\n") {
			t.Errorf("%s: its doc would break a table", path)
		}
		if strings.HasSuffix(f.name, "_file") {
			t.Errorf("%s cannot be set by a variable: _FILE reads from a file", path)
		}
		if text, ok := f.tags.Lookup("default"); ok {
			if problem := assign(reflect.New(f.typ).Elem(), f, plain(text)); problem != "" {
				t.Errorf("%s: its default %s", path, problem)
			}
		}
		if name := f.tags.Get("check"); name != "" && judges()[name] == nil {
			t.Errorf("%s: nobody checks %q", path, name)
		}
		if unit := f.tags.Get("unit"); unit != "" && unitOf(f) == 0 {
			t.Errorf("%s: unknown unit %q", path, unit)
		}
	})
}

func TestVariableNamesAreUnique(t *testing.T) {
	owner := map[string]string{}
	c := Config{places: places{}}
	for _, l := range leaves(&c) {
		for _, name := range variableNames(l.path, l.field) {
			if other, taken := owner[name]; taken {
				t.Errorf("%s sets both %s and %s", name, other, l.path)
			}
			owner[name] = l.path
		}
	}
	if len(owner) < 90 {
		t.Errorf("only %d variables", len(owner))
	}
}

func TestUnavailableNamesKeys(t *testing.T) {
	known := map[string]bool{}
	everyField(reflect.TypeFor[Config](), "", func(path string, _ field) { known[path] = true })
	for _, s := range unavailable() {
		if !known[s.path] {
			t.Errorf("%s is not a key", s.path)
		}
	}
}
