package flow_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/flow"
)

func TestDecode(t *testing.T) {
	plain := decode(t, joined(start("b", "GET", "/b"), end, start("a", "GET", "/a")))
	if len(plain.Nodes) != 3 || plain.Nodes[0].ID != "a" || plain.Nodes[2].ID != "end" || plain.ID != "" || plain.Drawing {
		t.Errorf("got %+v", plain)
	}
	d := decode(t, `{"id":"shop","name":"Shop","default_js":"function auth(){}","nodes":`+joined(start("s", "GET", "/"), end)+`,"extra":[1]}`)
	if d.ID != "shop" || d.Name != "Shop" || d.DefaultJS != "function auth(){}" || len(d.Nodes) != 2 {
		t.Errorf("got %+v", d)
	}
	called := decode(t, joined(`"nodes":{"data":{"type":"response"}}`, start("s", "GET", "/")))
	if len(called.Nodes) != 2 || called.Nodes[0].ID != "nodes" {
		t.Errorf("a node may be called nodes, got %+v", called.Nodes)
	}
	if empty := decode(t, `{"nodes":{}}`); len(empty.Nodes) != 0 {
		t.Errorf("got %+v", empty)
	}
}

func TestDecodeNode(t *testing.T) {
	const raw = `{"name":"js","data":{"type":"js","script":"form","name_box":"Ask"},"pos_x":1,"outputs":{
		"output_10":{"connections":[{"node":3,"output":"input_1"}]},"output_2":{"connections":[{"node":"b"},{"node":"c"}]},
		"output_1":{"connections":[]},"output_3":{},"output_4":{"connections":null},"output_5":null}}`
	n, faults := flow.DecodeNode("Home", "a", value(t, raw))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if n.Flow != "Home" || n.ID != "a" || n.Type != "js" || n.Label != "Ask" || string(n.Data.Bytes()) != `{"type":"js","script":"form","name_box":"Ask"}` {
		t.Errorf("got %+v", n)
	}
	var names string
	for _, o := range n.Outputs {
		names += o.Name + " "
	}
	if want := "output_1 output_2 output_3 output_4 output_5 output_10 "; names != want {
		t.Errorf("got %s, want %s", names, want)
	}
	if o := n.Output("output_2"); o == nil || len(o.Targets) != 2 || o.Targets[1].Node != "c" {
		t.Errorf("got %+v", o)
	}
	if o := n.Output("output_10"); o.Targets[0].Node != "3" || o.Targets[0].Port != "input_1" {
		t.Errorf("got %+v", o)
	}
	if n.Output("nope") != nil {
		t.Error("there is no such output")
	}
	if n, _ := flow.DecodeNode("", "a", value(t, `{"name":"Box","data":{"type":"js"}}`)); n.Label != "Box" {
		t.Errorf("label %q", n.Label)
	}
}

// Outputs are in the order of their names, numbers as numbers.
func TestOrderOfOutputs(t *testing.T) {
	n, faults := flow.DecodeNode("", "a", value(t, `{"data":{"type":"fork"},"outputs":{"main":{},"b":{},"audit":{},"o_2":{},"o_10":{},"o_1":{},"o":{},"o_02":{},"error":{}}}`))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var names string
	for _, o := range n.Outputs {
		names += o.Name + " "
	}
	if want := "audit b error main o o_1 o_02 o_2 o_10 "; names != want {
		t.Errorf("got %s, want %s", names, want)
	}
}

func TestDecodeFaults(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"a list", `[]`, []string{": a workflow is a JSON object"}},
		{"null", `null`, []string{": a workflow is a JSON object"}},
		{"nodes is a list", `{"nodes":[]}`, []string{"nodes: must be an object of nodes"}},
		{"node is a number", `{"a":1}`, []string{"a data: must be an object"}},
		{"no data", `{"a":{}}`, []string{"a data: must be an object"}},
		{"no type", `{"a":{"data":{}}}`, []string{"a data.type: is missing"}},
		{"empty id", `{"":{"data":{"type":"js"}}}`, []string{": a node needs an id"}},
		{"connections is an object", `{"a":{"data":{"type":"js"},"outputs":{"o":{"connections":{}}}}}`, []string{"a outputs.o.connections: must be a list"}},
		{"connection without node", `{"a":{"data":{"type":"js"},"outputs":{"o":{"connections":[{},{"node":""},"b",null]}}}}`, []string{
			"a outputs.o.connections: each", "a outputs.o.connections: each", "a outputs.o.connections: each", "a outputs.o.connections: each"}},
		{"outputs is a list", `{"a":{"data":{"type":"js"},"outputs":["b"]}}`, []string{"a outputs: must be an object"}},
		{"outputs is a text", `{"a":{"data":{"type":"js"},"outputs":"b"}}`, []string{"a outputs: must be an object"}},
		{"output is a list", `{"a":{"data":{"type":"js"},"outputs":{"o":[{"node":"b"}]}}}`, []string{"a outputs.o: must be an object"}},
		{"output is a text", `{"a":{"data":{"type":"js"},"outputs":{"o":"b"}}}`, []string{"a outputs.o: must be an object"}},
		{"all at once", `{"id":"x","nodes":{"a":{"data":{}},"b":2,"c":{"data":{"type":"js"},"outputs":{"o":{"connections":1}}}}}`, []string{
			"a data.type: is missing", "b data: must", "c outputs.o.connections: must"}},
		{"what exporters write for nothing", `{"a":{"data":{"type":"js"},"outputs":[]},"b":{"data":{"type":"js"},"outputs":{"o":[]}},"c":{"data":{"type":"js"},"outputs":null}}`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flow.Decode(value(t, tt.in))
			expect(t, err, tt.want...)
		})
	}
}
