package goja

import (
	"slices"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// native makes a global the engine provides, for one run.
type native func(*run) js.Value

// bindingKind says where a global comes from.
type bindingKind byte

const (
	bindPayload bindingKind = iota
	bindNext
	bindNative
	bindHosted // a function answered by Host.Call
	bindGlobal // a variable answered by Host.Global
)

// binding is a global that a program mentions and does not declare.
type binding struct {
	name string
	kind bindingKind
	make native
}

// bindingOf decides who provides a name; false when the language does.
func (e *Engine) bindingOf(name string) (binding, bool) {
	switch name {
	case "payload":
		return binding{name: name, kind: bindPayload}, true
	case "next":
		return binding{name: name, kind: bindNext}, true
	case "JSON":
		return safeJSON(), true
	}
	if _, ok := e.known[name]; ok {
		return binding{}, false
	}
	if n, ok := e.natives[name]; ok {
		return binding{name: name, kind: bindNative, make: n}, true
	}
	if _, ok := e.hosted[name]; ok {
		return binding{name: name, kind: bindHosted}, true
	}
	return binding{name: name, kind: bindGlobal}, true
}

// bindAll provides what a program needs. Only names that the program mentions
// are bound; when it can reach globals without naming them, the rest are
// resolved when they are touched.
func (r *run) bindAll(p *program) error {
	for _, b := range p.bindings {
		if err := r.bind(b); err != nil {
			return err
		}
	}
	if p.whole && !r.whole {
		r.whole = true
		if err := r.bind(safeJSON()); err != nil {
			return err
		}
		return r.global.SetPrototype(r.vm.NewDynamicObject(resolver{r}))
	}
	return nil
}

// bind provides one global, once.
func (r *run) bind(b binding) error {
	if slices.Contains(r.bound, b.name) {
		return nil
	}
	r.bound = append(r.bound, b.name)
	v, err := r.provide(b)
	if err != nil || v == nil {
		return err
	}
	return r.global.Set(b.name, v)
}

// provide makes the value of a global; nil when nobody has it.
func (r *run) provide(b binding) (js.Value, error) {
	switch b.kind {
	case bindPayload:
		return r.decode(r.payload)
	case bindNext:
		return r.vm.ToValue(r.next), nil
	case bindNative:
		return b.make(r), nil
	case bindHosted:
		return r.hostFunction(b.name), nil
	case bindGlobal:
		v, ok := r.call.Host.Global(b.name)
		if !ok {
			return nil, nil
		}
		value, err := r.decode(v)
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "the variable %s has no valid value", b.name)
		}
		return value, nil
	}
	return nil, nil
}
