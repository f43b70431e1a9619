package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// checker judges the values of a decoded Config.
type checker struct {
	config *Config
	faults fault.List
}

// check returns every value that breaks its tags or a rule between keys.
func check(c *Config) fault.List {
	k := &checker{config: c}
	visit(reflect.ValueOf(c).Elem(), "", k.field)
	for _, rule := range rules() {
		rule(k)
	}
	return k.faults
}

// add reports what is wrong with a path, at its place.
func (k *checker) add(path, format string, args ...any) {
	k.faults.Add(k.config.places.fault(path, format, args...))
}

// field judges one key by its own tags.
func (k *checker) field(path string, f field, v reflect.Value) {
	switch value := v.Interface().(type) {
	case time.Duration:
		k.duration(path, f, value)
	case int:
		k.number(path, f, value, strconv.Itoa)
	case Bytes:
		k.number(path, f, int(value), func(n int) string { return Bytes(n).String() })
	case []string:
		for _, item := range value {
			k.text(path, f, item)
		}
	case map[string]string:
		for _, name := range sortedKeys(v) {
			k.text(join(path, name), f, value[name])
		}
	default:
		if v.Kind() == reflect.String {
			k.text(path, f, v.String())
		}
	}
}

func (k *checker) number(path string, f field, n int, show func(int) string) {
	if least, ok := bound(f, "min"); ok && n < least {
		k.add(path, "is %s; it must be %s or more", show(n), show(least))
	}
	if most, ok := bound(f, "max"); ok && n > most {
		k.add(path, "is %s; it must be %s or less", show(n), show(most))
	}
}

func (k *checker) duration(path string, f field, d time.Duration) {
	least, _ := time.ParseDuration(f.tags.Get("min"))
	switch {
	case d < 0:
		k.add(path, "is %s; it must not be negative", d)
	case d < least:
		k.add(path, "is %s; it must be %s or more", d, least)
	}
	if most, err := time.ParseDuration(f.tags.Get("max")); err == nil && d > most {
		k.add(path, "is %s; it must be %s or less", d, most)
	}
}

func (k *checker) text(path string, f field, s string) {
	if s == "" {
		if f.tags.Get("enum") != "" && f.tags.Get("default") != "" {
			k.add(path, "is empty; it must be %s", choices(f))
		}
		return
	}
	if f.tags.Get("enum") != "" && !slices.Contains(options(f), s) {
		k.add(path, "must be %s%s", choices(f), instead(f, s))
	}
	if least, ok := bound(f, "min"); ok && len(s) < least {
		k.add(path, "is too short; it must have %d characters or more", least)
	}
	if judge, ok := judges()[f.tags.Get("check")]; ok {
		if problem := judge(s); problem != "" {
			k.add(path, "%s%s", problem, instead(f, s))
		}
	}
}

func bound(f field, tag string) (int, bool) {
	n, err := strconv.Atoi(f.tags.Get(tag))
	return n, err == nil
}

func options(f field) []string { return strings.Split(f.tags.Get("enum"), "|") }

// choices is `"a", "b" or "c"`.
func choices(f field) string {
	list := options(f)
	for i, o := range list {
		list[i] = strconv.Quote(o)
	}
	last := len(list) - 1
	return fmt.Sprintf("%s or %s", strings.Join(list[:last], ", "), list[last])
}
