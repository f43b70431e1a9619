package drawflow_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/drawflow"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func value(t testing.TB, text []byte) payload.Value {
	t.Helper()
	v, err := payload.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestMatches(t *testing.T) {
	tests := []struct {
		name, in string
		want     bool
	}{
		{"drawing", `{"drawflow":{"Home":{"data":{}}}}`, true},
		{"empty drawing", `{"drawflow":{}}`, true},
		{"broken drawing is still one", `{"drawflow":[]}`, true},
		{"flat", `{"a":{"data":{"type":"js"}}}`, false},
		{"flat envelope", `{"id":"x","nodes":{}}`, false},
		{"flat node of that name", `{"drawflow":{"data":{"type":"js"}}}`, false},
		{"flow called data", `{"drawflow":{"data":{"data":{}}}}`, true},
		{"list", `["drawflow"]`, false},
		{"text", `"drawflow"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (drawflow.Format{}).Matches(value(t, []byte(tt.in))); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// The designer's own export of two flows: ids repeat, a flow has no name, and
// a starter is not connected yet.
func TestDecode(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "two-flows.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := drawflow.Format{}.Decode(value(t, text))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, n := range doc.Nodes {
		ids = append(ids, flow.Key{Flow: n.Flow, ID: n.ID}.String()+"="+n.Type)
	}
	want := "1=starter 2=gorutine 3=js 4=js Home/1=starter Home/2=js Home/c6f0=starter"
	if got := strings.Join(ids, " "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if !doc.Drawing || doc.Nodes[4].Label != "Ask name" || doc.Nodes[4].Output("output_1").Targets[0] != (node.Target{Node: "2", Port: "input_1"}) {
		t.Errorf("got %+v", doc.Nodes[4])
	}
	g, warnings, err := flow.Compile(doc, node.NewRegistry(node.Builtins()...), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(warnings) != 1 || warnings[0].Node != "Home/c6f0" || !strings.Contains(warnings[0].Message, "leads nowhere") {
		t.Errorf("got %v", warnings)
	}
	i, ok := g.Find(flow.Key{Flow: "", ID: "2"})
	if !ok || len(g.FollowAll(i)) != 2 || g.Node(g.FollowAll(i)[0]).ID != "3" {
		t.Error("an edge stays within its flow, and output_1 comes first")
	}
}

func TestEnvelope(t *testing.T) {
	doc, err := drawflow.Format{}.Decode(value(t, []byte(`{"id":"shop","name":"Shop","default_js":"function log(){}","drawflow":{"A":{"data":[]},"B":{"data":null},"C":{},"D":{"data":{}}}}`)))
	if err != nil || doc.ID != "shop" || doc.Name != "Shop" || doc.DefaultJS != "function log(){}" || len(doc.Nodes) != 0 {
		t.Errorf("got %+v, %v", doc, err)
	}
}

func TestFaults(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"drawing is a list", `{"drawflow":[1]}`, "drawflow: must be an object of flows"},
		{"drawing is null", `{"drawflow":null}`, "drawflow: must be an object of flows"},
		{"flow is a text", `{"drawflow":{"A":"x"}}`, "drawflow.A: must be an object"},
		{"data is a list with something in it", `{"drawflow":{"A":{"data":[{}]}}}`, "drawflow.A.data: must be an object of nodes"},
		{"data is a number", `{"drawflow":{"A":{"data":7}}}`, "drawflow.A.data: must be an object of nodes"},
		{"node without type", `{"drawflow":{"A":{"data":{"1":{"data":{}}}}}}`, "node A/1, data.type: is missing"},
		{"all at once", `{"drawflow":{"A":{"data":{"1":{}}},"B":{"data":1},"C":{"data":{"2":{"data":{"type":"js"},"outputs":{"o":{"connections":{}}}}}}}}`,
			"node A/1, data: must be an object with at least \"type\"\ndrawflow.B.data: must be an object of nodes\nnode C/2, outputs.o.connections: must be a list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := drawflow.Format{}.Decode(value(t, []byte(tt.in)))
			if list := (fault.List{}); !errors.As(err, &list) || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

// FuzzDecode proves that no drawing makes reading or compiling panic.
func FuzzDecode(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "two-flows.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"drawflow":{"":{"data":{"":{"data":{"type":"starter"},"outputs":{"output_1":{"connections":[{"node":0}]}}}}}}}`))
	f.Add([]byte(`{"drawflow":{"A":[],"B":{"data":[]},"C":{"data":{"1":null}}}}`))
	types := node.NewRegistry(node.Builtins()...)
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := payload.Parse(b)
		if err != nil {
			return
		}
		format := drawflow.Format{}
		if !format.Matches(v) {
			return
		}
		doc, err := format.Decode(v)
		if list := (fault.List{}); err != nil && !errors.As(err, &list) {
			t.Fatalf("faults come as a list, got %v", err)
		}
		for _, lenient := range []bool{false, true} {
			if g, _, err := flow.Compile(doc, types, flow.Options{Lenient: lenient}); (g == nil) != (err != nil) {
				t.Fatalf("graph %v, error %v", g, err)
			}
		}
	})
}
