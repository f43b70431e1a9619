package node_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func value(t testing.TB, text string) payload.Value {
	t.Helper()
	v, err := payload.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// compile checks the data of a node of a built-in type.
func compile(t testing.TB, name, data string) (node.Compiled, fault.List) {
	t.Helper()
	typ, ok := node.NewRegistry(node.Builtins()...).Type(name)
	if !ok {
		t.Fatalf("no type %q", name)
	}
	return typ.Compile(node.Definition{ID: "n", Type: name, Data: value(t, data)})
}

func compiled(t testing.TB, name, data string) node.Compiled {
	t.Helper()
	c, faults := compile(t, name, data)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", data, faults)
	}
	return c
}

func input(t testing.TB, data string) node.Input {
	t.Helper()
	return node.Input{Payload: value(t, data), Vars: value(t, `{"id":"42"}`), URL: "/shop/42"}
}

// planned is the request a node makes of a payload.
func planned[R node.Request](t testing.TB, name, data, in string) R {
	t.Helper()
	step, err := compiled(t, name, data).Executor.Plan(input(t, in))
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	r, ok := step.Request.(R)
	if !ok {
		t.Fatalf("%s: got a %T", data, step.Request)
	}
	return r
}

// settled is how a node ends with a result.
func settled(t testing.TB, name, data, in string, r node.Result) node.Outcome {
	t.Helper()
	step, err := compiled(t, name, data).Executor.Settle(input(t, in), r)
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	if step.Request != nil {
		t.Fatalf("%s: asks for one more thing, a %T", data, step.Request)
	}
	return step.Outcome
}

// places lists the field of every fault.
func places(faults fault.List) string {
	var all []string
	for _, f := range faults {
		all = append(all, f.Field)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

func show(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%+v", v)
	}
	return string(b)
}

func vals(t testing.TB, texts ...string) []payload.Value {
	t.Helper()
	var all []payload.Value
	for _, text := range texts {
		all = append(all, value(t, text))
	}
	return all
}
