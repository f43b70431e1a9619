package goja

import (
	"strings"

	js "github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/util"

	"github.com/arturoeanton/nflow-runtime/adapters/goja/analysis"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// moduleNatives are require, and what code transpiled from import and export
// expects; Buffer and URL are there for those who forget to require them.
func moduleNatives() map[string]native {
	table := functions{"require": (*run).require}.natives()
	table["module"] = (*run).mainModule
	table["exports"] = func(r *run) js.Value { return r.mainModule().ToObject(r.vm).Get("exports") }
	for name, from := range map[string]string{"Buffer": "buffer", "URL": "url", "URLSearchParams": "url"} {
		table[name] = func(r *run) js.Value { return r.load(from).ToObject(r.vm).Get(name) }
	}
	return table
}

// require implements CommonJS's require for the modules of the engine and for
// stored ones.
func (r *run) require(c js.FunctionCall) js.Value {
	if _, ok := c.Argument(0).(js.String); !ok {
		r.throwType("require expects the name of a module")
	}
	return r.load(c.Argument(0).String())
}

// load gives the exports of a module, loading it on first use. As in Node, a
// module that is required while it loads shows what it has exported so far.
func (r *run) load(name string) js.Value {
	name = strings.TrimPrefix(name, "node:")
	if module, ok := r.modules[name]; ok {
		return module.Get("exports")
	}
	if analysis.SystemModule(name) {
		r.throw(fault.New(fault.Disabled, "require(%q) is not available: scripts reach the outside only through the runtime's functions", name))
	}
	module := r.newModule(name)
	if !r.loadOwn(name, module) {
		r.loadStored(name, module)
	}
	return module.Get("exports")
}

func (r *run) newModule(name string) *js.Object {
	if r.modules == nil {
		r.modules = map[string]*js.Object{}
	}
	module := r.vm.NewObject()
	r.put(module, "id", name)
	r.put(module, "exports", r.vm.NewObject())
	r.modules[name] = module
	return module
}

// mainModule is the module object of the main code.
func (r *run) mainModule() js.Value {
	if module, ok := r.modules["."]; ok {
		return module
	}
	return r.newModule(".")
}

// loadOwn fills a module of the engine; false for other names.
func (r *run) loadOwn(name string, module *js.Object) bool {
	switch name {
	case "console":
		r.put(module, "exports", r.console())
	case "util":
		util.Require(r.vm, module)
		exports := module.Get("exports").ToObject(r.vm)
		rename(r.vm, exports)
		r.put(exports, "inspect", function(r.vm, "inspect", func(c js.FunctionCall) js.Value {
			return r.vm.ToValue(r.inspect(c.Argument(0)))
		}))
	case "url":
		r.loadURL(module)
	case "buffer":
		r.loadBuffer(module)
	default:
		return false
	}
	return true
}

// loadStored evaluates a module the host keeps.
func (r *run) loadStored(name string, module *js.Object) {
	done := false
	defer func() {
		if !done {
			delete(r.modules, name)
		}
	}()
	r.countHostCall()
	script, err := r.call.Host.Module(r.hostContext(), name)
	if err != nil {
		r.throw(r.moduleFault(name, err))
	}
	prog, err := r.engine.program(source{code: script.Code, language: script.Language, shape: moduleShape, name: name, mode: r.mode})
	if err != nil {
		f := fault.As(err)
		r.throw(fault.Wrap(f, f.Code, "module %s, line %d:%d: %s", name, f.Line, f.Column, f.Message))
	}
	r.evaluate(prog, module)
	done = true
}

func (r *run) moduleFault(name string, err error) error {
	if fault.CodeOf(err) == fault.NotFound {
		return fault.Wrap(err, fault.NotFound, "there is no module %q", name)
	}
	return err
}

// evaluate runs a compiled module. One that only defines main(), as nodes of the
// designer do, exports that.
func (r *run) evaluate(prog *program, module *js.Object) {
	if r.loaded == nil {
		r.loaded = map[string]*program{}
	}
	r.loaded[prog.name] = prog
	if err := r.bindAll(prog); err != nil {
		r.throw(err)
	}
	wrapper, err := r.vm.RunProgram(prog.compiled)
	if err != nil {
		r.throw(err)
	}
	if wrapper, err = r.metered(prog, wrapper); err != nil {
		r.throw(err)
	}
	body, ok := js.AssertFunction(wrapper)
	if !ok {
		r.throw(fault.New(fault.Internal, "module %s did not compile to a function", prog.name))
	}
	exports := module.Get("exports")
	require := function(r.vm, "require", r.require)
	main, err := body(js.Undefined(), exports, require, module, r.vm.ToValue(prog.name), r.vm.ToValue("."))
	if err != nil {
		r.throw(err)
	}
	if obj, ok := exports.(*js.Object); ok && module.Get("exports") == exports && len(obj.Keys()) == 0 {
		if _, callable := js.AssertFunction(main); callable {
			r.put(obj, "main", main)
		}
	}
}
