package plugins

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Caller is the run that calls a plugin.
type Caller struct{ Workflow, Run, Node string }

// RunNode runs a plugin's node.
func (m *Manager) RunNode(ctx context.Context, r node.PluginRequest, by Caller) (node.PluginResult, error) {
	var outputs []string
	result, err := m.call(ctx, r.Plugin, func(g *generation) (ports.PluginCall, error) {
		n, ok := g.manifest.Node(r.Node)
		if !ok {
			return ports.PluginCall{}, noMember(g, "node", r.Node, g.manifest.NodeTypes())
		}
		outputs = n.Outputs
		return ports.PluginCall{
			Op: ports.PluginNode, Name: n.Type, Payload: r.Payload, Params: r.Params,
			Workflow: by.Workflow, Run: by.Run, Node: by.Node,
		}, nil
	})
	if err != nil {
		return node.PluginResult{}, err
	}
	out := node.PluginResult{Payload: result.Payload, Next: result.Next}
	if result.Emitted == nil {
		return out, checkOutput(r.Plugin, result.Next, outputs)
	}
	out.Emitted = make([]node.Emission, len(result.Emitted))
	for i, e := range result.Emitted {
		out.Emitted[i] = node.Emission(e)
		if err := checkOutput(r.Plugin, e.Next, outputs); err != nil {
			return node.PluginResult{}, err
		}
	}
	return out, nil
}

func checkOutput(name, next string, outputs []string) error {
	if next == "" || len(outputs) == 0 || slices.Contains(outputs, next) {
		return nil
	}
	return fault.New(fault.PluginFailed, "plugin %s: its node chose the output %q, but its manifest has only %s", name, next, strings.Join(outputs, ", "))
}

// CallFunction calls a plugin's function with its arguments, an array.
func (m *Manager) CallFunction(ctx context.Context, name, function string, args payload.Value, by Caller) (payload.Value, error) {
	result, err := m.call(ctx, name, func(g *generation) (ports.PluginCall, error) {
		if _, ok := g.manifest.Function(function); !ok {
			return ports.PluginCall{}, noMember(g, "function", function, g.manifest.FunctionNames())
		}
		if err := check(g.schemas.functions[function], args, "plugins."+name+"."+function+"()"); err != nil {
			return ports.PluginCall{}, err
		}
		return ports.PluginCall{
			Op: ports.PluginFunction, Name: function, Payload: args, Workflow: by.Workflow, Run: by.Run, Node: by.Node,
		}, nil
	})
	return result.Payload, err
}

// Action carries out a plugin's action.
func (m *Manager) Action(ctx context.Context, name, action string, call ports.PluginCall) (ports.PluginResult, error) {
	return m.call(ctx, name, func(g *generation) (ports.PluginCall, error) {
		if _, ok := g.manifest.Action(action); !ok {
			return call, noMember(g, "action", action, g.manifest.ActionNames())
		}
		if call.Request == nil || call.Request.Body == nil {
			if err := check(g.schemas.actions[action], call.Payload, "the body"); err != nil {
				return call, err
			}
		}
		call.Op, call.Name = ports.PluginAction, action
		return call, nil
	})
}

// check judges what a plugin would be given.
func check(schema ports.Schema, v payload.Value, what string) error {
	if schema == nil {
		return nil
	}
	faults := schema.Check(v)
	for i, f := range faults {
		c := *f
		c.Message = what + ": " + f.Message
		faults[i] = &c
	}
	return faults.Err()
}

func noMember(g *generation, kind, name string, known []string) error {
	has := "it has none"
	if len(known) > 0 {
		has = "it has " + strings.Join(known, ", ")
	}
	return fault.New(fault.NotFound, "the plugin %s has no %s %q; %s", g.manifest.Name, kind, name, has)
}

// call lets one call through to the newest generation of a plugin.
func (m *Manager) call(ctx context.Context, name string, prepare func(*generation) (ports.PluginCall, error)) (ports.PluginResult, error) {
	g, err := m.enter(name)
	if err != nil {
		return ports.PluginResult{}, err
	}
	defer g.leave()
	call, err := prepare(g)
	if err != nil {
		return ports.PluginResult{}, err
	}
	began := m.deps.Clock.Now()
	result, err := g.call(ctx, call, m.hostFor(g, call))
	g.calls.Add(1)
	if err != nil {
		g.errors.Add(1)
	}
	m.deps.Observer.PluginCalled(name, string(call.Op), fault.CodeOf(err), m.deps.Clock.Now().Sub(began))
	return result, err
}

// enter finds the generation that takes calls. One that was replaced between
// the look and the step inside is looked for again.
func (m *Manager) enter(name string) (*generation, error) {
	for {
		e := m.get(name)
		switch {
		case e == nil:
			return nil, notWanted(name)
		case e.disabled:
			return nil, fault.New(fault.NoPlugin, "the plugin %s is switched off; switch it on with nflow plugin enable %s", name, name)
		case e.gen == nil:
			return nil, fault.Wrap(errors.New(e.problem), fault.Unavailable, "the plugin %s could not be loaded; the log and nflow plugin list say why", name).Retry(int(retryAfter.Seconds()))
		case e.gen.enter():
			return e.gen, nil
		}
	}
}
