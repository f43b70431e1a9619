package flow

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Graph is a compiled workflow. It never changes, so any number of runs may
// read it at once.
type Graph struct {
	doc    Document
	nodes  []Node
	starts []StartPoint
	byKey  map[Key]int
}

// Node is a node of a graph.
type Node struct {
	node.Definition

	Executor node.Executor
	Needs    []node.Need
	Start    *node.Start // set for an entry
	// Outline maps each output to the id of the first node it leads to: what
	// scripts see as __outputs.
	Outline payload.Value
	// Reachable is false for a node that no start node leads to.
	Reachable bool
	// DefaultOutput is followed when nothing else is chosen.
	DefaultOutput string

	next map[string][]int
	fan  []int // the targets of every output, in order
}

// StartPoint is an entry of the graph.
type StartPoint struct {
	Node   int // index
	Method string
	Path   string // pattern; empty = reachable by name only
	Flow   string
	ID     string
}

// Document returns what the graph was compiled from.
func (g *Graph) Document() Document { return g.doc }

// Len is the number of nodes.
func (g *Graph) Len() int { return len(g.nodes) }

// Node returns a node by its index.
func (g *Graph) Node(i int) *Node { return &g.nodes[i] }

// Starts lists the entries, in a stable order.
func (g *Graph) Starts() []StartPoint { return g.starts }

// Find returns the index of a node.
func (g *Graph) Find(k Key) (int, bool) {
	i, ok := g.byKey[k]
	return i, ok
}

// StartNode picks the entry with an id, or the first one when id is empty.
func (g *Graph) StartNode(id string) (int, error) {
	for _, s := range g.starts {
		if id == "" || s.ID == id {
			return s.Node, nil
		}
	}
	return 0, fault.New(fault.NotFound, "there is no start node %q", id)
}

// Follow lists the nodes that come after one of them by an output; an empty name
// means the default output.
func (g *Graph) Follow(i int, output string) []int {
	n := &g.nodes[i]
	if output == "" {
		output = n.DefaultOutput
	}
	return n.next[output]
}

// FollowAll lists the nodes after every output, in the order of their names.
func (g *Graph) FollowAll(i int) []int { return g.nodes[i].fan }

// Leads reports whether a path of connections goes from a node to another.
func (g *Graph) Leads(from, to int) bool {
	seen := make([]bool, len(g.nodes))
	for todo := []int{from}; len(todo) > 0; {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if i == to {
			return true
		}
		if !seen[i] {
			seen[i] = true
			todo = append(todo, g.nodes[i].fan...)
		}
	}
	return false
}

// ErrorOutput is the name of the output that receives a node's failure.
const ErrorOutput = "error"

// defaultOutput is output_1 or output where there is one, else the only output
// that is not for errors.
func defaultOutput(d node.Definition) string {
	only, count := "", 0
	for _, o := range d.Outputs {
		switch o.Name {
		case "output_1", "output":
			return o.Name
		case ErrorOutput:
		default:
			only, count = o.Name, count+1
		}
	}
	if count == 1 {
		return only
	}
	return "output_1"
}
