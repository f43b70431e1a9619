package plugin

import (
	"encoding/json"
	"reflect"
	"strings"
)

// NodeTypes lists the node types, without the plugin's name.
func (m Manifest) NodeTypes() []string {
	return namesOf(m.Nodes, func(n Node) string { return n.Type })
}

// FunctionNames lists the functions.
func (m Manifest) FunctionNames() []string {
	return namesOf(m.Functions, func(f Function) string { return f.Name })
}

// ActionNames lists the actions.
func (m Manifest) ActionNames() []string {
	return namesOf(m.Actions, func(a Action) string { return a.Name })
}

func namesOf[T any](list []T, name func(T) string) []string {
	names := make([]string, len(list))
	for i, one := range list {
		names[i] = name(one)
	}
	return names
}

// Node looks a node type up. An empty name is the only one, or the one called
// run, as nodes of the designer name only their plugin.
func (m Manifest) Node(name string) (Node, bool) {
	if name == "" && len(m.Nodes) == 1 {
		return m.Nodes[0], true
	}
	if name == "" {
		name = "run"
	}
	for _, n := range m.Nodes {
		if n.Type == name {
			return n, true
		}
	}
	return Node{}, false
}

// Function looks a function up.
func (m Manifest) Function(name string) (Function, bool) {
	for _, f := range m.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// Action looks an action up.
func (m Manifest) Action(name string) (Action, bool) {
	for _, a := range m.Actions {
		if a.Name == name {
			return a, true
		}
	}
	return Action{}, false
}

// Difference names the first top-level field in which two manifests differ;
// empty when they say the same. Spacing and the order of object members do not
// count.
func (m Manifest) Difference(other Manifest) string {
	a, b := m.fields(), other.fields()
	for i := range a {
		if !reflect.DeepEqual(a[i].value, b[i].value) {
			return a[i].name
		}
	}
	return ""
}

type manifestField struct {
	name  string
	value any
}

func (m Manifest) fields() []manifestField {
	t, v := reflect.TypeOf(m), reflect.ValueOf(m)
	list := make([]manifestField, t.NumField())
	for i := range list {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		list[i] = manifestField{name, plain(v.Field(i).Interface())}
	}
	return list
}

// plain is a value as JSON sees it, so that equal JSON is deeply equal.
func plain(v any) any {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		return err.Error()
	}
	if list, ok := out.([]any); ok && len(list) == 0 {
		return nil
	}
	return out
}
