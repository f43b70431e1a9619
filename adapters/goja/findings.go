package goja

import (
	"github.com/arturoeanton/nflow-runtime/adapters/goja/analysis"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// findings analyses a compiled program. Its tree is not kept and not the one that
// was compiled, which may hold counters of ours, so it is parsed again.
func (e *Engine) findings(prog *program) []policy.Finding {
	p, err := prog.parse()
	if err != nil { // it compiled just now
		return nil
	}
	outer := 0
	if prog.shape == bodyShape {
		outer = 1
		if prog.origin != nil { // the transpiler's own function
			outer = 2
		}
	}
	return analysis.Analyze(p.tree, analysis.Options{Outer: outer, Provided: e.provides, Place: prog.place})
}

// provides reports the globals that scripts find there and may write: those of
// the engine, of the host, and the variables of the designer.
func (e *Engine) provides(name string) bool {
	switch name {
	case "payload", "next", "nflow_data", "dromedary_data", "__outputs", "__flow_name", "__flow_app", "wid", "current_box", "prev_box",
		"vars", "path_vars", "env", "url_base", "nflow_endpoint", "url_access", "auth_flag", "header", "form", "post_data", "profile":
		return true
	}
	_, native := e.natives[name]
	_, hosted := e.hosted[name]
	return native || hosted
}
