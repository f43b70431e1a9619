package plugintest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// Examples makes every call that the plugin gives as an example, and reports
// those that fail or give something else.
func (r *Runner) Examples(t *testing.T) {
	t.Helper()
	for _, n := range r.plugin.Nodes {
		each(t, "node", n.Type, n.Examples, func(e plugin.Example) (Output, error) {
			return r.Node(t.Context(), n.Type, e.Params, e.Payload)
		})
	}
	for _, f := range r.plugin.Functions {
		each(t, "function", f.Name, f.Examples, func(e plugin.Example) (Output, error) {
			b, err := encode(e.Payload)
			if err != nil {
				return Output{}, err
			}
			var args []any
			if err := json.Unmarshal(b, &args); err != nil {
				return Output{}, fmt.Errorf("the payload of a function's example is the array of its arguments: %w", err)
			}
			return r.Function(t.Context(), f.Name, args...)
		})
	}
	for _, a := range r.plugin.Actions {
		each(t, "action", a.Name, a.Examples, func(e plugin.Example) (Output, error) {
			out, err := r.Action(t.Context(), a.Name, Request{JSON: e.Payload})
			return Output{Payload: out.JSON}, err
		})
	}
}

func each(t *testing.T, kind, name string, list []plugin.Example, call func(plugin.Example) (Output, error)) {
	t.Helper()
	for i, e := range list {
		t.Run(fmt.Sprintf("%s %s, example %d", kind, name, i+1), func(t *testing.T) {
			out, err := call(e)
			if err != nil {
				t.Fatal(err)
			}
			if e.Next != "" && out.Next != e.Next {
				t.Errorf("next: %q, want %q", out.Next, e.Next)
			}
			if e.Result == nil {
				return
			}
			want, err := encode(e.Result)
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(out.Payload, want) {
				t.Errorf("result: %s, want %s", out.Payload, want)
			}
		})
	}
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
