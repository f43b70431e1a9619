package goja

import (
	"maps"
	"slices"

	js "github.com/dop251/goja"
)

// lazyObject is an object whose members are made when they are first touched.
// Scripts see an ordinary object: they may overwrite, add and delete members.
type lazyObject struct {
	member func(name string) js.Value // nil when there is no such member
	names  []string                   // what enumeration shows beside what was touched
	held   map[string]js.Value        // nil values are deleted members
}

// newLazyObject makes one; names are what for-in shows.
func newLazyObject(vm *js.Runtime, member func(string) js.Value, names []string) *js.Object {
	return vm.NewDynamicObject(&lazyObject{member: member, names: names, held: map[string]js.Value{}})
}

// Get returns a member, or nil.
func (o *lazyObject) Get(key string) js.Value {
	if v, ok := o.held[key]; ok {
		return v
	}
	v := o.member(key)
	if v != nil {
		o.held[key] = v
	}
	return v
}

// Set sets a member.
func (o *lazyObject) Set(key string, v js.Value) bool {
	o.held[key] = v
	return true
}

// Has reports whether there is a member.
func (o *lazyObject) Has(key string) bool { return o.Get(key) != nil }

// Delete removes a member.
func (o *lazyObject) Delete(key string) bool {
	o.held[key] = nil
	return true
}

// Keys lists the members.
func (o *lazyObject) Keys() []string {
	all := map[string]struct{}{}
	for _, name := range o.names {
		all[name] = struct{}{}
	}
	for name, v := range o.held {
		if v != nil {
			all[name] = struct{}{}
		} else {
			delete(all, name)
		}
	}
	return slices.Sorted(maps.Keys(all))
}
