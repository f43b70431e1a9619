package config

import (
	"cmp"
	"os"
	"reflect"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// DefaultPath is the file that is read when none is named; it may be missing.
const DefaultPath = "config.toml"

// Source says where the configuration is.
type Source struct {
	// Path of the TOML file; empty = DefaultPath.
	Path string
	// Explicit makes a missing file a fault; set it when somebody named Path.
	Explicit bool
	// Environ holds "NAME=value" pairs, as os.Environ gives them.
	Environ []string
	// Overrides are the values of command line flags; they win over all else.
	Overrides []Override
	// ReadFile reads the file and those that variables ending in _FILE name;
	// nil = os.ReadFile.
	ReadFile func(name string) ([]byte, error)
}

// Override sets one key by its dotted path.
type Override struct {
	Key   string // such as "server.address"
	Value string // as text, in the form the environment takes
	Flag  string // how faults call it, such as "--address"
}

// Load reads defaults, file, environment and overrides, in this order, and
// checks the result. The error is a fault.List with every fault found: Field
// and Line say where (file, variable or flag), Message begins with the key.
// The Config is usable only when the error is nil.
func Load(src Source) (Config, error) {
	if src.Path == "" {
		src.Path = DefaultPath
	}
	if src.ReadFile == nil {
		src.ReadFile = os.ReadFile
	}
	c := Config{places: places{}, source: &src}
	setDefaults(reflect.ValueOf(&c).Elem())
	var faults fault.List
	(&fileReader{config: &c, faults: &faults}).load(src)
	(&environment{config: &c, faults: &faults, readFile: src.ReadFile}).load(src.Environ)
	for _, o := range src.Overrides {
		override(&c, &faults, o)
	}
	settle(&c)
	faults = append(faults, check(&c)...)
	return c, inOrder(faults).Err()
}

// inOrder sorts the faults of each source by line and keeps the sources in the
// order of their first faults.
func inOrder(faults fault.List) fault.List {
	rank := map[string]int{}
	for _, f := range faults {
		if _, seen := rank[f.Field]; !seen {
			rank[f.Field] = len(rank)
		}
	}
	slices.SortStableFunc(faults, func(a, b *fault.Fault) int {
		return cmp.Or(rank[a.Field]-rank[b.Field], a.Line-b.Line, a.Column-b.Column)
	})
	return faults
}

// override applies one flag.
func override(c *Config, faults *fault.List, o Override) {
	at := place{layer: byFlag, name: o.Flag}
	var paths []string
	for _, v := range leaves(c) {
		if v.path == o.Key {
			v.set(c, faults, at, plain(o.Value))
			return
		}
		paths = append(paths, v.path)
	}
	faults.Add(at.fault(o.Key, "is not a key%s", suggest(o.Key, paths)))
}

// leaf is a key that one value can set.
type leaf struct {
	path  string
	field field
	value reflect.Value
	after func() // stores the value's entry in its map; nil = nothing to do
}

// leaves lists the keys of all fixed sections.
func leaves(c *Config) []leaf {
	var out []leaf
	visit(reflect.ValueOf(c).Elem(), "", func(path string, f field, v reflect.Value) {
		if v.CanSet() && !f.isTexts() {
			out = append(out, leaf{path: path, field: f, value: v})
		}
	})
	return out
}

// set assigns a value and remembers its place, or adds a fault.
func (l leaf) set(c *Config, faults *fault.List, at place, raw any) {
	c.places[l.path] = at
	if problem := assign(l.value, l.field, raw); problem != "" {
		faults.Add(at.fault(l.path, "%s", problem))
	}
	if l.after != nil {
		l.after()
	}
}
