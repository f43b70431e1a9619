package config

import (
	"reflect"
)

// named decodes [databases.NAME].
func (r *fileReader) named(path string, at place, raw any, dst reflect.Value) {
	t, ok := raw.(map[string]any)
	if !ok {
		r.faults.Add(at.fault(path, "holds sections, not %s; write [%s.NAME]", kindOf(raw), path))
		return
	}
	for _, name := range r.inOrder(path, t) {
		sub, ok := t[name].(map[string]any)
		if !ok {
			r.faults.Add(r.at(join(path, name)).fault(join(path, name), "must be a section; write [%s.NAME] and its keys below", path))
			continue
		}
		r.config.places[join(path, name)] = r.at(join(path, name))
		element := reflect.New(dst.Type().Elem()).Elem()
		setDefaults(element)
		r.table(join(path, name), sub, element)
		setEntry(dst, name, element)
	}
}

// texts decodes a table of texts, such as [env].
func (r *fileReader) texts(path string, at place, f field, raw any, dst reflect.Value) {
	t, ok := raw.(map[string]any)
	if !ok {
		r.faults.Add(at.fault(path, "is a section, not %s; write [%s] on a line of its own", kindOf(raw), heading(path)))
		return
	}
	for _, name := range r.inOrder(path, t) {
		key := join(path, name)
		r.config.places[key] = r.at(key)
		element := reflect.New(dst.Type().Elem()).Elem()
		if problem := assign(element, f, t[name]); problem != "" {
			r.faults.Add(r.at(key).fault(key, "%s", problem))
			continue
		}
		setEntry(dst, name, element)
	}
}

// array decodes [[plugins]], or an array of inline tables.
func (r *fileReader) array(path string, at place, raw any, dst reflect.Value) {
	list, ok := raw.([]any)
	for _, item := range list {
		_, isTable := item.(map[string]any)
		ok = ok && isTable
	}
	if !ok {
		r.faults.Add(at.fault(path, "must be an array of tables; write [[%s]]", path))
		return
	}
	dst.Set(reflect.MakeSlice(dst.Type(), len(list), len(list)))
	for i, item := range list {
		one := element(path, i)
		r.config.places[one] = r.at(one)
		setDefaults(dst.Index(i))
		r.table(one, item.(map[string]any), dst.Index(i))
	}
}

// free takes a table as it is.
func (r *fileReader) free(path string, at place, raw any, dst reflect.Value) {
	t, ok := raw.(map[string]any)
	if !ok {
		r.faults.Add(at.fault(path, "is a table, not %s; write [%s] on a line of its own", kindOf(raw), heading(path)))
		return
	}
	r.config.places[path] = at
	dst.Set(reflect.ValueOf(t))
}

func setEntry(m reflect.Value, name string, element reflect.Value) {
	if m.IsNil() {
		m.Set(reflect.MakeMap(m.Type()))
	}
	m.SetMapIndex(reflect.ValueOf(name), element)
}
