package node

import (
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// pluginTypes run a plugin's node by the names in their fields. The designer
// writes dromedary with the plugin in dromedary_name; by hand it is plugin with
// plugin and node. Parameters are an object params, or the other fields.
//
// A dromedary_callback with several outputs goes on along the first with what it
// was given, and what the plugin emits follows the second.
func pluginTypes() []Type {
	byField := func(typeName, field string, callback bool) Type {
		return Type{Name: typeName, Compile: func(d Definition) (Compiled, fault.List) {
			f := read(d)
			name, nodeType := f.requiredText(field), f.text("node")
			if nodeType == "" {
				name, nodeType, _ = strings.Cut(name, ".")
			}
			own := []string{"type", "plugin", "node", "dromedary_name", "name_box"}
			return compilePlugin(d, f, PluginRequest{Plugin: name, Node: nodeType}, field, own, callback)
		}}
	}
	return []Type{
		byField("plugin", "plugin", false),
		byField("dromedary", "dromedary_name", false),
		byField("dromedary_callback", "dromedary_name", true),
	}
}

// PluginType is a node type that a plugin adds, called "PLUGIN.TYPE".
func PluginType(plugin, nodeType string) Type {
	return Type{Name: plugin + "." + nodeType, Compile: func(d Definition) (Compiled, fault.List) {
		own := []string{"type", "name_box"} // a parameter may well be called node
		return compilePlugin(d, read(d), PluginRequest{Plugin: plugin, Node: nodeType}, "type", own, false)
	}}
}

// compilePlugin makes the node that r says. field is where the plugin is named;
// own are the fields that are no parameters.
func compilePlugin(d Definition, f *fields, r PluginRequest, field string, own []string, callback bool) (Compiled, fault.List) {
	params, prefix := pluginParams(f, own)
	r.Params = params
	p := plugin{request: r}
	if outputs := flowOutputs(d); callback && len(outputs) > 1 {
		p.main, p.emitted = outputs[0], outputs[1]
	}
	need := Need{Kind: NeedPlugin, Name: r.Plugin, Field: "data." + field, Plugin: r, ParamsField: prefix}
	return Compiled{Executor: p, Needs: []Need{need}}, f.faults
}

// flowOutputs names the outputs that do not take failures, in order.
func flowOutputs(d Definition) []string {
	var names []string
	for _, o := range d.Outputs {
		if o.Name != "error" {
			names = append(names, o.Name)
		}
	}
	return names
}

// pluginParams are the parameters, and the field that holds them.
func pluginParams(f *fields, own []string) (params payload.Value, field string) {
	if v, ok := f.get("params"); ok {
		if v.Kind() != payload.Object {
			f.wrong("params", "must be an object")
		}
		return v, "data.params"
	}
	return f.data.Without(own...), "data"
}

type plugin struct {
	request       PluginRequest
	main, emitted string // outputs of a callback node with several
}

func (p plugin) Plan(in Input) (Step, error) {
	r := p.request
	r.Payload = in.Payload
	return ask(r)
}

func (p plugin) Settle(in Input, r Result) (Step, error) {
	result, ok := r.(PluginResult)
	if !ok {
		return unexpected(r)
	}
	if p.emitted != "" {
		return finish(p.callback(in, result))
	}
	if result.Emitted == nil {
		return finish(scriptOutcome(ScriptResult{Payload: result.Payload, Next: result.Next}))
	}
	return finish(Outcome{Payload: in.Payload, Emitted: result.Emitted, Stop: len(result.Emitted) == 0})
}

// callback sends what was given along the first output and what was emitted
// along the second.
func (p plugin) callback(in Input, result PluginResult) Outcome {
	all := make([]Emission, 1, len(result.Emitted)+1)
	all[0] = Emission{Payload: in.Payload, Next: p.main}
	if result.Emitted == nil {
		result.Emitted = []Emission{{Payload: result.Payload, Next: result.Next}}
	}
	for _, e := range result.Emitted {
		if e.Next == "" {
			e.Next = p.emitted
		}
		all = append(all, e)
	}
	return Outcome{Payload: in.Payload, Emitted: all}
}
