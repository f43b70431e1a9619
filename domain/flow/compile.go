package flow

import (
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Options of Compile.
type Options struct {
	// Lenient serves what can be served: a node at fault fails when it is
	// reached instead of refusing the document. For documents that are already
	// in use, such as rows of a designer's database.
	Lenient bool
	// Reserved are path prefixes that belong to the runtime itself.
	Reserved []string
}

// Compile checks a document and returns its graph with warnings. All faults come
// back at once, as a fault.List.
func Compile(doc Document, types node.Registry, opt Options) (*Graph, fault.List, error) {
	c := &compiler{
		graph: &Graph{doc: doc, nodes: make([]Node, len(doc.Nodes)), byKey: make(map[Key]int, len(doc.Nodes))},
		types: types, opt: opt, warnings: slices.Clone(doc.Warnings), routes: make(map[string]Key),
	}
	if len(doc.Nodes) > MaxNodes {
		return nil, nil, fault.List{fault.New(fault.TooLarge, "the workflow has %d nodes; the most is %d", len(doc.Nodes), MaxNodes)}
	}
	for i, d := range doc.Nodes {
		c.compileNode(i, d)
	}
	for i := range c.graph.nodes {
		c.connect(&c.graph.nodes[i])
	}
	for i := range c.graph.nodes {
		c.addStart(i)
	}
	c.checkStarts()
	c.warnUnreachable()
	if err := c.faults.Err(); err != nil {
		return nil, c.warnings, err
	}
	return c.graph, c.warnings, nil
}

type compiler struct {
	graph    *Graph
	types    node.Registry
	opt      Options
	routes   map[string]Key // the start node of each method and shape
	refused  bool           // a start node is there, but at fault
	faults   fault.List
	warnings fault.List
}

// wrong reports what refuses the document, or only warns when lenient.
func (c *compiler) wrong(f *fault.Fault) {
	if c.opt.Lenient {
		c.warnings.Add(f)
		return
	}
	c.faults.Add(f)
}

func (c *compiler) compileNode(i int, d node.Definition) {
	key := keyOf(d)
	if _, twice := c.graph.byKey[key]; twice {
		c.wrong(fault.New(fault.Invalid, "two nodes have this id").AtNode(key.String()))
	}
	c.graph.byKey[key] = i
	n := Node{Definition: d, DefaultOutput: defaultOutput(d)}
	compiled, faults := c.compileType(d)
	for _, f := range faults {
		c.wrong(f.AtNode(key.String()))
	}
	n.Executor, n.Needs, n.Start = compiled.Executor, compiled.Needs, compiled.Start
	if len(faults) > 0 {
		n.Executor, n.Needs = Broken(faults[0]), nil
	}
	c.graph.nodes[i] = n
}

func (c *compiler) compileType(d node.Definition) (node.Compiled, fault.List) {
	t, ok := c.types.Type(d.Type)
	if !ok {
		return node.Compiled{}, fault.List{fault.New(fault.Invalid, "unknown type %q; known are %s",
			d.Type, strings.Join(c.types.Names(), ", ")).AtField("data.type")}
	}
	return t.Compile(d)
}

// connect resolves the edges of a node.
func (c *compiler) connect(n *Node) {
	n.next = make(map[string][]int, len(n.Outputs))
	outline := map[string]string{}
	for _, o := range n.Outputs {
		for _, t := range o.Targets {
			i, ok := c.graph.byKey[Key{n.Flow, t.Node}]
			if !ok {
				c.wrong(fault.New(fault.Invalid, "leads to node %q, which does not exist", t.Node).
					AtNode(keyOf(n.Definition).String()).AtField("outputs." + o.Name))
				continue
			}
			n.next[o.Name] = append(n.next[o.Name], i)
			if o.Name != ErrorOutput {
				n.fan = append(n.fan, i)
			}
			if _, first := outline[o.Name]; !first {
				outline[o.Name] = t.Node
			}
		}
	}
	n.Outline, _ = payload.From(outline)
}

func (c *compiler) addStart(i int) {
	n := &c.graph.nodes[i]
	if n.Start == nil {
		return
	}
	at := func(f *fault.Fault) *fault.Fault { return f.AtNode(keyOf(n.Definition).String()) }
	if len(n.fan) == 0 && c.graph.doc.Drawing {
		c.warnings.Add(at(fault.New(fault.Invalid, "the start node leads nowhere and is skipped")))
		return
	}
	s := StartPoint{Node: i, Method: n.Start.Method, Path: n.Start.Path, Flow: n.Flow, ID: n.ID}
	if err := c.claim(s); err != nil {
		c.refused = true
		c.wrong(at(fault.As(err)).AtField(pathField(n.Data)))
		return
	}
	c.graph.starts = append(c.graph.starts, s)
}

// claim takes the route of a start node for it.
func (c *compiler) claim(s StartPoint) error {
	if s.Path == "" {
		return nil
	}
	if err := checkPattern(s.Path, c.opt.Reserved); err != nil {
		return err
	}
	route := s.Method + " " + shape(s.Path)
	if owner, taken := c.routes[route]; taken {
		return fault.New(fault.Conflict, "the route %s %s is already taken by node %s", s.Method, s.Path, owner)
	}
	c.routes[route] = Key{s.Flow, s.ID}
	return nil
}

// pathField is the field in which the author of a start node wrote its path.
func pathField(data payload.Value) string {
	if data.FieldText("path") == "" {
		return "data.urlpattern"
	}
	return "data.path"
}

func (c *compiler) checkStarts() {
	if len(c.graph.starts) == 0 && (c.opt.Lenient || !c.refused) {
		c.faults.Add(fault.New(fault.Invalid, `the workflow has no start node; add one such as {"data": {"type": "httpstart", "method": "POST", "path": "/hello"}}`))
	}
}

func (c *compiler) warnUnreachable() {
	seen := make([]bool, len(c.graph.nodes))
	var todo []int
	visit := func(i int) {
		if !seen[i] {
			seen[i] = true
			todo = append(todo, i)
		}
	}
	for _, s := range c.graph.starts {
		visit(s.Node)
	}
	for len(todo) > 0 {
		n := &c.graph.nodes[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		for _, targets := range n.next {
			for _, i := range targets {
				visit(i)
			}
		}
	}
	for i := range c.graph.nodes {
		n := &c.graph.nodes[i]
		n.Reachable = seen[i]
		if !seen[i] && n.Start == nil {
			c.warnings.Add(fault.New(fault.Invalid, "no start node leads here").AtNode(keyOf(n.Definition).String()))
		}
	}
}

// Broken is the executor of a node that cannot work: it fails with the fault.
func Broken(f *fault.Fault) node.Executor { return broken{f} }

type broken struct{ fault *fault.Fault }

func (b broken) Plan(node.Input) (node.Step, error) { return node.Step{}, b.fault }

func (b broken) Settle(_ node.Input, r node.Result) (node.Step, error) {
	return node.Step{}, fault.New(fault.Internal, "unexpected result %T", r)
}
