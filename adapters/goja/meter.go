package goja

import (
	js "github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// modeOf says how the programs of a call are compiled.
func (e *Engine) modeOf(call ports.ScriptCall) mode {
	return mode{counted: call.Limits.Operations > 0, marked: e.marks}
}

// arm gives the main program its meter: a body takes it from a global that it
// deletes before the author's code starts; a program finds it among the
// constants of the run, which no script can list.
func (r *run) arm(p *program) error {
	if p.sites == nil {
		return nil
	}
	m := r.meterOf(p)
	if err := r.global.DefineDataProperty(meterHanded, m, js.FLAG_TRUE, js.FLAG_TRUE, js.FLAG_FALSE); err != nil || p.shape == bodyShape {
		return err
	}
	if _, err := r.vm.RunProgram(r.engine.prelude); err != nil {
		return err
	}
	return r.global.Delete(meterHanded)
}

// metered hands a module its meter: the program evaluates to a function from
// that to the module's wrapper.
func (r *run) metered(p *program, v js.Value) (js.Value, error) {
	if p.sites == nil {
		return v, nil
	}
	take, ok := js.AssertFunction(v)
	if !ok {
		return v, nil
	}
	return take(js.Undefined(), r.meterOf(p))
}

func (r *run) meterOf(p *program) *js.Object {
	if r.at != nil {
		p.sites.locate(p)
	}
	if m, ok := r.meters[p]; ok {
		return m
	}
	m := r.vm.NewDynamicObject(&meter{run: r, sites: p.sites.list, module: p.name})
	if p.sites.under {
		// Sites inside a with statement reach the meter through texts, where it
		// stays for good.
		texts := r.vm.ToValue("").ToObject(r.vm).Prototype()
		if err := texts.DefineDataProperty(p.sites.text.String(), m, js.FLAG_FALSE, js.FLAG_FALSE, js.FLAG_FALSE); err != nil {
			panic(err)
		}
		if r.meters == nil {
			r.meters = map[*program]*js.Object{}
		}
		r.meters[p] = m
	}
	return m
}

// compilePrelude compiles `const meter = handed` as a program.
func compilePrelude() *js.Program {
	tree := &ast.Program{File: file.NewFile("", "", 0), Body: []ast.Statement{&ast.LexicalDeclaration{Idx: 1, Token: token.CONST, List: []*ast.Binding{{
		Target: &ast.Identifier{Name: meterName, Idx: 1}, Initializer: &ast.Identifier{Name: meterHanded, Idx: 1},
	}}}}}
	prog, err := js.CompileAST(tree, false)
	if err != nil {
		panic(err)
	}
	return prog
}
