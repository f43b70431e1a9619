package node

import "github.com/arturoeanton/nflow-runtime/domain/fault"

// pluginTypes run a plugin's node. The designer writes dromedary with the
// plugin in dromedary_name; by hand it is plugin with plugin and node.
func pluginTypes() []Type {
	return []Type{
		{Name: "plugin", Compile: pluginCompiler("plugin")},
		{Name: "dromedary", Compile: pluginCompiler("dromedary_name")},
		{Name: "dromedary_callback", Compile: pluginCompiler("dromedary_name")},
	}
}

func pluginCompiler(nameField string) func(Definition) (Compiled, fault.List) {
	return func(d Definition) (Compiled, fault.List) {
		f := read(d)
		p := plugin{request: PluginRequest{Plugin: f.requiredText(nameField), Node: f.text("node"), Data: d.Data}}
		need := Need{Kind: NeedPlugin, Name: p.request.Plugin, Field: "data." + nameField}
		return Compiled{Executor: p, Needs: []Need{need}}, f.faults
	}
}

type plugin struct{ request PluginRequest }

func (p plugin) Plan(in Input) (Step, error) {
	r := p.request
	r.Payload = in.Payload
	return ask(r)
}

func (p plugin) Settle(_ Input, r Result) (Step, error) {
	s, ok := r.(ScriptResult)
	if !ok {
		return unexpected(r)
	}
	return finish(scriptOutcome(s))
}
