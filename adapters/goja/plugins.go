package goja

import (
	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// pluginCall is the host function behind plugins.NAME.FUNCTION(...).
const pluginCall = "__plugin"

// pluginNatives are the functions of plugins, as plugins.NAME.FUNCTION(...).
func pluginNatives() map[string]native {
	return map[string]native{"plugins": (*run).pluginsObject}
}

// pluginsObject has a member for each plugin with functions. The host says which
// there are; what they do is asked when they are called.
func (r *run) pluginsObject() js.Value {
	known, _ := r.call.Host.Global("plugins")
	var names []string
	for name := range known.Fields() {
		names = append(names, name)
	}
	return newLazyObject(r.vm, func(name string) js.Value {
		functions, ok := known.Field(name)
		if !ok {
			return nil
		}
		return r.pluginObject(name, functions)
	}, names)
}

func (r *run) pluginObject(plugin string, functions payload.Value) js.Value {
	obj := r.vm.NewObject()
	for _, f := range functions.Items() {
		name := f.String()
		r.put(obj, name, function(r.vm, name, func(c js.FunctionCall) js.Value {
			args := make([]any, len(c.Arguments))
			for i, arg := range c.Arguments {
				args[i] = arg
			}
			return r.callHost(pluginCall, []js.Value{r.vm.ToValue(plugin), r.vm.ToValue(name), r.vm.NewArray(args...)})
		}))
	}
	return obj
}

// describePluginFault gives the error of a plugin what it said of its failure:
// plugin, retryable and details.
func (r *run) describePluginFault(e *js.Object, f *fault.Fault) {
	if f.Detail == "" {
		return
	}
	detail := payload.Trusted([]byte(f.Detail))
	for _, name := range []string{"plugin", "retryable", "details"} {
		if field, ok := detail.Field(name); ok {
			if v, err := r.decode(field); err == nil {
				define(e, name, v)
			}
		}
	}
	if code := detail.FieldText("code"); code != "" {
		define(e, "pluginCode", r.vm.ToValue(code))
	}
}
