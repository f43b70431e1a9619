package flow_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
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

func types() node.Registry { return node.NewRegistry(node.Builtins()...) }

// decode reads a flat document that must be right.
func decode(t testing.TB, text string) flow.Document {
	t.Helper()
	doc, err := flow.Decode(value(t, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return doc
}

func compile(t testing.TB, text string) *flow.Graph {
	t.Helper()
	g, _, err := flow.Compile(decode(t, text), types(), flow.Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return g
}

// lines is every fault as "node field message", in alphabetical order.
func lines(err error) []string {
	var all []string
	var list fault.List
	if err != nil && !errors.As(err, &list) {
		return []string{"NOT A LIST: " + err.Error()}
	}
	for _, f := range list {
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s: %s", f.Node, f.Field, f.Message)))
	}
	slices.Sort(all)
	return all
}

// expect compares faults with the beginnings of what is wanted.
func expect(t *testing.T, err error, want ...string) {
	t.Helper()
	got := lines(err)
	slices.Sort(want)
	if len(got) != len(want) {
		t.Fatalf("%d faults, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("got %q\nwant %q", got[i], want[i])
		}
	}
}

// joined is a flat document of nodes written as `"id": {...}`.
func joined(nodes ...string) string { return "{" + strings.Join(nodes, ",") + "}" }

func start(id, method, path string) string {
	return fmt.Sprintf(`%q:{"data":{"type":"httpstart","method":%q,"path":%q},"outputs":{"output_1":{"connections":[{"node":"end"}]}}}`, id, method, path)
}

const end = `"end":{"data":{"type":"response"}}`
