package node

import "github.com/arturoeanton/nflow-runtime/domain/payload"

// Definition is a node as its document wrote it.
type Definition struct {
	Flow    string        // drawing the node belongs to; "" in flat documents
	ID      string        // unique within its flow
	Type    string        // such as "js" or "httpstart"
	Label   string        // what its author calls it; may be empty
	Data    payload.Value // the node's fields, an object
	Outputs []Output      // in the order of their names
}

// Output is a named way out of a node.
type Output struct {
	Name    string
	Targets []Target
}

// Target is the far end of an edge.
type Target struct {
	Node string // id in the same flow
	Port string // name of its input port; may be empty
}

// Output returns an output by name; nil when there is none.
func (d Definition) Output(name string) *Output {
	for i := range d.Outputs {
		if d.Outputs[i].Name == name {
			return &d.Outputs[i]
		}
	}
	return nil
}
