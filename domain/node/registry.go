package node

import (
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Type is a kind of node.
type Type struct {
	Name string
	// Compile checks a definition and returns its executor. It reports every
	// fault it finds, each with its field.
	Compile func(Definition) (Compiled, fault.List)
}

// Compiled is a checked node.
type Compiled struct {
	Executor Executor
	Start    *Start // set when the node is an entry of its workflow
	Needs    []Need // what must exist for it to run
}

// Start is how a workflow is entered.
type Start struct {
	Method string // an HTTP method, or "ANY"
	Path   string // pattern such as /users/:id; empty = not reachable by URL
	Auth   bool   // the workflow's auth() script decides first
	// RateLimit counts before anything else of the workflow happens.
	RateLimit RateLimit
}

// Need is something outside the document that a node depends on.
type Need struct {
	Kind   NeedKind
	Name   string         // name of the module, template, database or plugin
	Field  string         // field that names it
	Script Script         // with NeedScript
	Engine TemplateEngine // with NeedTemplate and NeedTemplateText
	Plugin PluginRequest  // with NeedPlugin: the node and its parameters
	// ParamsField is the field that holds the parameters, with NeedPlugin.
	ParamsField string
}

// NeedKind is the kind of a need.
type NeedKind string

// The kinds of needs.
const (
	NeedScript       NeedKind = "script" // an inline script that must parse
	NeedModule       NeedKind = "module"
	NeedTemplate     NeedKind = "template"      // a stored template
	NeedTemplateText NeedKind = "template_text" // an inline template that must parse
	NeedDatabase     NeedKind = "database"
	NeedPlugin       NeedKind = "plugin"
)

// Registry is an immutable palette of node types.
type Registry struct{ types map[string]Type }

// NewRegistry returns a palette; of two types with one name the later wins.
func NewRegistry(types ...Type) Registry {
	return Registry{}.With(types...)
}

// With returns a palette with more types.
func (r Registry) With(types ...Type) Registry {
	if len(types) == 0 {
		return r
	}
	all := make(map[string]Type, len(r.types)+len(types))
	for name, t := range r.types {
		all[name] = t
	}
	for _, t := range types {
		all[t.Name] = t
	}
	return Registry{types: all}
}

// Type looks a type up by name.
func (r Registry) Type(name string) (Type, bool) {
	t, ok := r.types[name]
	return t, ok
}

// Names lists the palette in alphabetical order.
func (r Registry) Names() []string {
	names := make([]string, 0, len(r.types))
	for name := range r.types {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
