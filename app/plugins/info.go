package plugins

import (
	"cmp"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// The statuses of plugins that do not run.
const (
	statusDisabled = "disabled"
	statusFailed   = "failed"
)

// Plugins lists all plugins by name.
func (m *Manager) Plugins() []ports.PluginInfo {
	set := *m.set.Load()
	list := make([]ports.PluginInfo, 0, len(set))
	for _, name := range names(set) {
		list = append(list, set[name].info())
	}
	return list
}

func (e *entry) info() ports.PluginInfo {
	i := ports.PluginInfo{
		Name: e.settings.Name, Kind: e.settings.Kind, Isolation: e.settings.Isolation, Source: describeSource(e.source()),
		Problem: e.problem, Nodes: []string{}, Functions: []string{}, Actions: []string{},
	}
	state, g := e.state(), e.gen
	i.Status, i.Problem = state.Status, cmp.Or(i.Problem, state.Problem)
	if g == nil {
		return i
	}
	i.Version, i.Kind, i.SHA256, i.Signed, i.Loaded = g.manifest.Version, g.kind, g.digest, g.signed, g.loaded
	if g.kind == kindProcess {
		i.Isolation = isolationProcess
	}
	for _, t := range g.manifest.NodeTypes() {
		i.Nodes = append(i.Nodes, g.manifest.Name+"."+t)
	}
	i.Functions = append(i.Functions, g.manifest.FunctionNames()...)
	i.Actions = append(i.Actions, g.manifest.ActionNames()...)
	i.Granted = g.rights.Capabilities()
	i.Calls, i.Errors, i.Waiting, i.Active = g.calls.Load(), g.errors.Load(), int(g.waiting.Load()), len(g.places)
	i.Restarts, i.Memory = state.Restarts, state.MemoryBytes
	return i
}

// Health says of each plugin how it is doing. Everybody may ask, so why is left to
// Plugins: it can hold paths and what a program printed.
func (m *Manager) Health() map[string]string {
	lines := map[string]string{}
	for name, e := range *m.set.Load() {
		lines["plugin "+name] = e.state().Status
	}
	return lines
}

// state is how a plugin is doing, whether it runs or not.
func (e *entry) state() ports.PluginState {
	switch {
	case e.disabled:
		return ports.PluginState{Status: statusDisabled}
	case e.gen == nil:
		return ports.PluginState{Status: statusFailed, Problem: e.problem}
	}
	return e.gen.plugin.State()
}

// observe reports how plugins are doing.
func (m *Manager) observe() {
	for name, e := range *m.set.Load() {
		m.deps.Observer.PluginSeen(name, e.state())
	}
}

// palette is what workflows can see of the plugins' nodes, also of plugins that
// do not run: workflows are told that, and not that the type is unknown.
func (m *Manager) palette() map[string][]plugin.Node {
	all := map[string][]plugin.Node{}
	for name, e := range *m.set.Load() {
		if len(e.nodes) > 0 {
			all[name] = e.nodes
		}
	}
	return all
}

// Types are the node types of all plugins.
func (m *Manager) Types() []node.Type {
	var types []node.Type
	for name, nodes := range m.palette() {
		for _, n := range nodes {
			types = append(types, node.PluginType(name, n.Type))
		}
	}
	return types
}

// Functions maps plugins to the functions scripts may call, as an object of
// arrays of names.
func (m *Manager) Functions() payload.Value {
	all := map[string][]string{}
	for name, e := range *m.set.Load() {
		if e.gen != nil && len(e.gen.manifest.Functions) > 0 {
			all[name] = e.gen.manifest.FunctionNames()
		}
	}
	v, err := payload.From(all)
	if err != nil { // texts always encode
		return payload.EmptyObject()
	}
	return v
}

// CheckNode judges a node of a workflow before it is published: whether the
// plugin has it, and its parameters against its schema. Faults are at the fields
// of the parameters.
func (m *Manager) CheckNode(r node.PluginRequest) error {
	g, err := m.enter(r.Plugin)
	if err != nil {
		return err
	}
	defer g.leave()
	n, ok := g.manifest.Node(r.Node)
	if !ok {
		return noMember(g, "node", r.Node, g.manifest.NodeTypes())
	}
	if schema := g.schemas.nodes[n.Type]; schema != nil {
		return schema.Check(r.Params).Err()
	}
	return nil
}
