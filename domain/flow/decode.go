package flow

import (
	"cmp"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Decode reads a flat document: an object of nodes, or
// {"id", "name", "default_js", "nodes": {...}}. Every fault is reported at once.
func Decode(doc payload.Value) (Document, error) {
	if doc.Kind() != payload.Object {
		return Document{}, fault.List{fault.New(fault.Invalid, `a workflow is a JSON object of nodes, such as {"start": {"data": {"type": "httpstart", "path": "/hello"}}}`)}
	}
	var d Document
	nodes := doc
	if inner, ok := doc.Field("nodes"); ok && !isNode(inner) {
		nodes = inner
		d.ID, d.Name, d.DefaultJS = doc.FieldText("id"), doc.FieldText("name"), doc.FieldText("default_js")
		if inner.Kind() != payload.Object {
			return d, fault.List{fault.New(fault.Invalid, "must be an object of nodes").AtField("nodes")}
		}
	}
	var faults fault.List
	for id, raw := range nodes.Fields() {
		n, wrong := DecodeNode("", id, raw)
		faults = append(faults, wrong...)
		d.Nodes = append(d.Nodes, n)
	}
	d.Sort()
	return d, faults.Err()
}

// isNode tells a node called "nodes" from the envelope's field.
func isNode(v payload.Value) bool {
	data, ok := v.Field("data")
	if !ok {
		return false
	}
	_, ok = data.Field("type")
	return ok
}

// Sort puts the nodes in the order of flow and id, so that nothing depends on
// the order of a map.
func (d *Document) Sort() {
	slices.SortStableFunc(d.Nodes, func(a, b node.Definition) int {
		return cmp.Or(cmp.Compare(a.Flow, b.Flow), cmp.Compare(a.ID, b.ID))
	})
}

// DecodeNode reads one node, whose shape both spellings share.
func DecodeNode(flow, id string, raw payload.Value) (node.Definition, fault.List) {
	d := node.Definition{Flow: flow, ID: id}
	var faults fault.List
	wrong := func(field, message string) {
		faults.Add(fault.New(fault.Invalid, "%s", message).AtNode(keyOf(d).String()).AtField(field))
	}
	if id == "" {
		wrong("", "a node needs an id that is not empty")
	}
	data, _ := raw.Field("data")
	if data.Kind() != payload.Object {
		wrong("data", `must be an object with at least "type"`)
		return d, faults
	}
	d.Data = data
	d.Type = data.FieldText("type")
	if d.Type == "" {
		wrong("data.type", "is missing")
	}
	if d.Label = data.FieldText("name_box"); d.Label == "" {
		d.Label = raw.FieldText("name")
	}
	outputs, _ := raw.Field("outputs")
	if outputs.Kind() != payload.Object && !isNothing(outputs) {
		wrong("outputs", `must be an object such as {"output": {"connections": [{"node": "id"}]}}`)
	}
	for name, out := range outputs.Fields() {
		o := node.Output{Name: name}
		if out.Kind() != payload.Object && !isNothing(out) {
			wrong("outputs."+name, `must be an object such as {"connections": [{"node": "id"}]}`)
		}
		connections, _ := out.Field("connections")
		if k := connections.Kind(); k != payload.Array && k != payload.Null {
			wrong("outputs."+name+".connections", `must be a list such as [{"node": "id"}]`)
		}
		for _, c := range connections.Items() {
			t := node.Target{Node: c.FieldText("node"), Port: c.FieldText("output")}
			if t.Node == "" {
				wrong("outputs."+name+".connections", `each connection needs "node"`)
				continue
			}
			o.Targets = append(o.Targets, t)
		}
		d.Outputs = append(d.Outputs, o)
	}
	slices.SortStableFunc(d.Outputs, func(a, b node.Output) int { return compareNames(a.Name, b.Name) })
	return d, faults
}

// isNothing tells null, and the [] that some exporters write for an object
// without members.
func isNothing(v payload.Value) bool {
	for range v.Items() {
		return false
	}
	return v.Kind() == payload.Null || v.Kind() == payload.Array
}

// compareNames orders by the alphabet, and by the number at the end: output_2
// before output_10.
func compareNames(a, b string) int {
	wordA, wordB := strings.TrimRight(a, "0123456789"), strings.TrimRight(b, "0123456789")
	numberA, numberB := strings.TrimLeft(a[len(wordA):], "0"), strings.TrimLeft(b[len(wordB):], "0")
	return cmp.Or(
		cmp.Compare(wordA, wordB),
		cmp.Compare(len(numberA), len(numberB)), cmp.Compare(numberA, numberB),
		cmp.Compare(a, b),
	)
}
