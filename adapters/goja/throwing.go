package goja

import (
	"fmt"
	"maps"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// newError makes an instance of one of the language's error classes. A script
// that replaced the class gets a TypeError of that name.
func newError(vm *js.Runtime, class, message string) *js.Object {
	if ctor, ok := vm.GlobalObject().Get(class).(*js.Object); ok {
		if e, err := vm.New(ctor, vm.ToValue(message)); err == nil {
			return e
		}
	}
	return vm.NewTypeError("%s", message)
}

// throwType throws a TypeError into the script.
func (r *run) throwType(format string, args ...any) {
	panic(newError(r.vm, "TypeError", fmt.Sprintf(format, args...)))
}

// throwRange throws a RangeError into the script.
func (r *run) throwRange(format string, args ...any) {
	panic(newError(r.vm, "RangeError", fmt.Sprintf(format, args...)))
}

// throw throws an error of the host into the script: an Error named NflowError
// with message and code. What the engine itself threw passes unchanged, so that
// nobody can catch an interrupt.
func (r *run) throw(err error) {
	if _, thrown := any(err).(*js.Exception); thrown || isStop(err) {
		panic(err)
	}
	f := fault.As(err)
	e := newError(r.vm, "Error", f.Message)
	for name, value := range map[string]string{"name": "NflowError", "code": string(f.Code)} {
		define(e, name, r.vm.ToValue(value))
	}
	r.describePluginFault(e, f)
	if r.faults == nil {
		r.faults = map[*js.Object]*fault.Fault{}
	}
	r.faults[e] = f
	panic(e)
}

// function makes a native function with a name of its own: the engine would
// show the Go name.
func function(vm *js.Runtime, name string, f func(js.FunctionCall) js.Value) *js.Object {
	obj := vm.ToValue(f).ToObject(vm)
	define(obj, "name", vm.ToValue(name))
	return obj
}

// rename gives the functions of an object the names they are found under, and
// the functions of its classes' prototypes too.
func rename(vm *js.Runtime, obj *js.Object) {
	for _, key := range obj.GetOwnPropertyNames() {
		var member *js.Object
		_ = vm.Try(func() { member, _ = obj.Get(key).(*js.Object) }) // getters want an instance
		if member == nil || key == "constructor" {
			continue
		}
		if _, callable := js.AssertFunction(member); !callable {
			continue
		}
		define(member, "name", vm.ToValue(key))
		if proto, ok := member.Get("prototype").(*js.Object); ok {
			rename(vm, proto)
		}
	}
}

// define sets a property that enumeration does not show.
func define(obj *js.Object, name string, v js.Value) {
	if err := obj.DefineDataProperty(name, v, js.FLAG_TRUE, js.FLAG_TRUE, js.FLAG_FALSE); err != nil {
		panic(err)
	}
}

// functions is a table of native functions by name.
type functions map[string]func(r *run, call js.FunctionCall) js.Value

// natives turns the table into globals.
func (f functions) natives() map[string]native {
	table := make(map[string]native, len(f))
	for name, body := range maps.All(f) {
		table[name] = func(r *run) js.Value {
			return function(r.vm, name, func(call js.FunctionCall) js.Value { return body(r, call) })
		}
	}
	return table
}
