package goja

import (
	"slices"

	js "github.com/dop251/goja"
)

// resolver stands behind the global object of a program that can reach globals
// without naming them, as in this["payload"]. It binds a name when it is first
// read; it holds nothing itself.
type resolver struct{ run *run }

var _ js.DynamicObject = resolver{}

// Get binds and returns a global, or nil.
func (g resolver) Get(name string) js.Value {
	b, ok := g.unbound(name)
	if !ok {
		return nil
	}
	if b.kind == bindGlobal {
		g.run.countHostCall()
	}
	if err := g.run.bind(b); err != nil {
		g.run.throw(err)
	}
	return g.run.global.Get(name)
}

// unbound is the binding of a name that somebody might provide and that was
// not bound yet; one that was bound and deleted stays deleted.
func (g resolver) unbound(name string) (binding, bool) {
	if slices.Contains(g.run.bound, name) {
		return binding{}, false
	}
	return g.run.engine.bindingOf(name)
}

// Has must not bind: the engine asks it in the middle of an assignment.
func (g resolver) Has(name string) bool {
	b, ok := g.unbound(name)
	if ok && b.kind == bindGlobal {
		g.run.countHostCall()
		_, ok = g.run.call.Host.Global(name)
	}
	return ok
}

// Set is never reached: assignments make properties of the global object.
func (resolver) Set(string, js.Value) bool { return false }

// Delete has nothing to delete.
func (resolver) Delete(string) bool { return true }

// Keys shows nothing: what was bound is on the global object.
func (resolver) Keys() []string { return nil }
