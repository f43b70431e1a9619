package app

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Plugins lists all plugins by name.
func (r *Runtime) Plugins() []ports.PluginInfo { return r.PluginManager.Plugins() }

// Action carries out a plugin's action.
func (r *Runtime) Action(ctx context.Context, name, action string, call ports.PluginCall) (ports.PluginResult, error) {
	return r.PluginManager.Action(ctx, name, action, call)
}

// ReloadPlugin loads a plugin anew.
func (r *Runtime) ReloadPlugin(ctx context.Context, name string) error {
	changed, err := r.PluginManager.Reload(ctx, name)
	return r.followPlugins(ctx, changed, err)
}

// SwitchPlugin turns a plugin on or off.
func (r *Runtime) SwitchPlugin(ctx context.Context, name string, disabled bool) error {
	changed, err := r.PluginManager.Switch(ctx, name, disabled)
	return r.followPlugins(ctx, changed, err)
}

// RereadPlugins reads the settings and files of all plugins anew.
func (r *Runtime) RereadPlugins(ctx context.Context) error {
	changed, err := r.PluginManager.Reread(ctx)
	return r.followPlugins(ctx, changed, err)
}

// followPlugins compiles all workflows anew when the palette has changed, or had
// and could not be followed, as when the caller had gone.
func (r *Runtime) followPlugins(ctx context.Context, changed bool, err error) error {
	if behind := r.behindPlugins.Swap(false); !changed && !behind {
		return err
	}
	reloadErr := r.Reload(ctx)
	if reloadErr != nil {
		r.behindPlugins.Store(true)
	}
	if err == nil {
		err = reloadErr
	}
	return err
}

func (r *Runtime) refreshPlugins(ctx context.Context) {
	ctx, done := r.loops.giveWay(ctx)
	defer done()
	changed, err := r.PluginManager.Refresh(ctx)
	if err := r.followPlugins(ctx, changed, err); err != nil {
		r.Log.Warn("plugins could not be refreshed", "error", err)
	}
}

// palette is every node type there is at the moment.
func (r *Runtime) palette() node.Registry { return r.Types.With(r.PluginManager.Types()...) }

// runPlugin runs a plugin's node.
func (x *execution) runPlugin(ctx context.Context, do run.Do, r node.PluginRequest) (node.Result, error) {
	return x.PluginManager.RunNode(ctx, r, x.caller(do))
}

func (x *execution) caller(do run.Do) plugins.Caller {
	return plugins.Caller{Workflow: x.published.ID, Run: x.id, Node: x.published.graph.Node(do.Node).ID}
}

// pluginFunctions answer plugins.NAME.FUNCTION(...), which the engine sends as
// __plugin(name, function, [arguments]).
func pluginFunctions() map[string]hostCall {
	return map[string]hostCall{"__plugin": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
		args := a.at(2)
		if args.Kind() != payload.Array {
			args = payload.Trusted([]byte("[]"))
		}
		return h.PluginManager.CallFunction(ctx, a.text(0), a.text(1), args, h.caller(h.do))
	}}
}

// checkPlugin judges a node that a plugin runs. What is wrong with its
// parameters are faults of the document; a plugin that is not there may be
// installed later.
func (c *needs) checkPlugin(need node.Need, reachable bool, key string) {
	err := c.PluginManager.CheckNode(need.Plugin)
	if err == nil {
		return
	}
	for _, f := range asList(err) {
		field, harmless := need.Field, !reachable
		switch f.Code { //nolint:exhaustive // every other code says that the plugin cannot be asked now
		case fault.Invalid:
			field = need.ParamsField
			if f.Field != "" {
				field += "." + f.Field
			}
		case fault.NotFound:
			f = fault.New(fault.Invalid, "%s", f.Message)
		default:
			harmless = true
		}
		c.add(f.AtNode(key).AtField(field), harmless)
	}
}
