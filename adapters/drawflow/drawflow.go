// Package drawflow reads what the nFlow designer exports: a Drawflow document of
// several flows, each with its nodes.
//
// It refuses to judge the nodes: it only unwraps them. Documents are stored as
// they were given, so there is nothing to write back.
package drawflow

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Format is the Drawflow document format.
type Format struct{}

var _ ports.DocumentFormat = Format{}

// Matches reports whether the document has the "drawflow" envelope.
func (Format) Matches(doc payload.Value) bool {
	if _, ok := doc.Field("drawflow"); !ok {
		return false
	}
	_, isNode := doc.Lookup("drawflow", "data", "type") // a flat node of that name
	return !isNode
}

// Decode reads every flow of the drawing. Node ids are the keys of each flow's
// data; the same id may occur in two flows.
func (Format) Decode(doc payload.Value) (flow.Document, error) {
	d := flow.Document{Drawing: true}
	d.ID, d.Name, d.DefaultJS = doc.FieldText("id"), doc.FieldText("name"), doc.FieldText("default_js")
	drawing, _ := doc.Field("drawflow")
	if drawing.Kind() != payload.Object {
		return d, fault.List{fault.New(fault.Invalid, `must be an object of flows, such as {"Home": {"data": {}}}`).AtField("drawflow")}
	}
	var faults fault.List
	for name, one := range drawing.Fields() {
		if one.Kind() != payload.Object && !isNothing(one) {
			faults.Add(fault.New(fault.Invalid, `must be an object such as {"data": {}}`).AtField("drawflow." + name))
		}
		nodes, _ := one.Field("data")
		if nodes.Kind() != payload.Object && !isNothing(nodes) {
			faults.Add(fault.New(fault.Invalid, "must be an object of nodes").AtField("drawflow." + name + ".data"))
		}
		for id, raw := range nodes.Fields() {
			n, wrong := flow.DecodeNode(name, id, raw)
			faults = append(faults, wrong...)
			d.Nodes = append(d.Nodes, n)
		}
	}
	d.Sort()
	return d, faults.Err()
}

// isNothing tells null, and the [] that some exporters write for an object
// without members.
func isNothing(v payload.Value) bool {
	for range v.Items() {
		return false
	}
	return v.Kind() == payload.Null || v.Kind() == payload.Array
}
