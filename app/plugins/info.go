package plugins

import (
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
		Status: statusFailed, Problem: e.problem, Nodes: []string{}, Functions: []string{}, Actions: []string{},
	}
	if e.disabled {
		i.Status = statusDisabled
	}
	g := e.gen
	if g == nil {
		return i
	}
	state := g.plugin.State()
	i.Status = state.Status
	if i.Problem == "" {
		i.Problem = state.Problem
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

// Health says of each plugin how it is doing.
func (m *Manager) Health() map[string]string {
	lines := map[string]string{}
	for _, i := range m.Plugins() {
		line := i.Status
		if i.Problem != "" {
			line += ": " + i.Problem
		}
		lines["plugin "+i.Name] = line
	}
	return lines
}

// observe reports how plugins are doing.
func (m *Manager) observe() {
	for name, e := range *m.set.Load() {
		state := ports.PluginState{Status: statusFailed, Problem: e.problem}
		switch {
		case e.disabled:
			state.Status = statusDisabled
		case e.gen != nil:
			state = e.gen.plugin.State()
		}
		m.deps.Observer.PluginSeen(name, state)
	}
}

// palette is what workflows can see of the plugins' nodes.
func (m *Manager) palette() map[string][]plugin.Node {
	all := map[string][]plugin.Node{}
	for name, e := range *m.set.Load() {
		if e.gen != nil {
			all[name] = e.gen.manifest.Nodes
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
