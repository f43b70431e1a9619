package config

import (
	"reflect"
	"strings"
)

// mapped finds the entry of a map that a variable sets: NFLOW_ENV_<KEY>,
// NFLOW_DATABASES_<NAME>_<KEY>, NFLOW_SECURITY_CUSTOM_PATTERNS_<NAME>,
// NFLOW_VM_POOL_WORKFLOW_ISOLATION_<ID>, NFLOW_PLUGIN_HOST_TRUSTED_KEYS_<NAME>.
func (e *environment) mapped(name string) (leaf, bool) {
	root := reflect.ValueOf(e.config).Elem()
	if key, ok := strings.CutPrefix(name, "NFLOW_ENV_"); ok && key != "" {
		f, _ := find(root.Type(), "env")
		return e.text("env", f, root.Field(f.index), key, key), true
	}
	for _, nested := range []struct{ section, key string }{{"security", "custom_patterns"}, {"vm_pool", "workflow_isolation"}, {"plugin_host", "trusted_keys"}} {
		path := join(nested.section, nested.key)
		if key, ok := strings.CutPrefix(name, variable(path)+"_"); ok && key != "" {
			f, _ := find(root.Type(), nested.section)
			section := root.Field(f.index)
			f, _ = find(section.Type(), nested.key)
			return e.text(path, f, section.Field(f.index), key, strings.ToLower(key)), true
		}
	}
	if rest, ok := strings.CutPrefix(name, "NFLOW_DATABASES_"); ok {
		return e.database(rest)
	}
	return leaf{}, false
}

// text is an entry of a map of texts. An entry the file has keeps its spelling.
func (e *environment) text(path string, f field, m reflect.Value, upper, name string) leaf {
	name = spelling(m, upper, name)
	element := reflect.New(m.Type().Elem()).Elem()
	return leaf{path: join(path, name), field: f, value: element, after: func() { setEntry(m, name, element) }}
}

// database is a key of [databases.NAME].
func (e *environment) database(rest string) (leaf, bool) {
	m := reflect.ValueOf(&e.config.Databases).Elem()
	for _, f := range fields(m.Type().Elem()) {
		upper, ok := strings.CutSuffix(rest, "_"+strings.ToUpper(f.name))
		if !ok || upper == "" {
			continue
		}
		name := spelling(m, upper, strings.ToLower(upper))
		element := reflect.New(m.Type().Elem()).Elem()
		setDefaults(element)
		if old := m.MapIndex(reflect.ValueOf(name)); old.IsValid() {
			element.Set(old)
		}
		path := join("databases", name)
		return leaf{
			path: join(path, f.name), field: f, value: element.Field(f.index),
			after: func() { setEntry(m, name, element) },
		}, true
	}
	return leaf{}, false
}

// spelling is the key of m that reads like upper in capitals, or otherwise.
func spelling(m reflect.Value, upper, otherwise string) string {
	for _, k := range sortedKeys(m) {
		if strings.ToUpper(strings.ReplaceAll(k, "-", "_")) == upper {
			return k
		}
	}
	return otherwise
}
