package goja

import (
	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// cloner copies values with their cycles. It knows plain objects, arrays, dates,
// maps and sets.
type cloner struct {
	run   *run
	seen  map[*js.Object]*js.Object
	depth int
}

func (r *run) structuredClone(c js.FunctionCall) js.Value {
	k := cloner{run: r, seen: map[*js.Object]*js.Object{}}
	return k.value(c.Argument(0))
}

func (k *cloner) value(v js.Value) js.Value {
	obj, ok := v.(*js.Object)
	if !ok {
		if _, symbol := v.(*js.Symbol); symbol {
			k.run.throwType("a Symbol cannot be cloned")
		}
		return v
	}
	if copied, ok := k.seen[obj]; ok {
		return copied
	}
	if k.depth++; k.depth > payload.MaxDepth {
		k.run.throwRange("the value nests deeper than %d levels", payload.MaxDepth)
	}
	defer func() { k.depth-- }()
	vm := k.run.vm
	switch class := classOf(obj); class {
	case "Array":
		out := vm.NewArray()
		k.seen[obj] = out
		k.run.put(out, "length", obj.Get("length"))
		k.members(obj, out)
		return out
	case "Object":
		out := vm.NewObject()
		k.seen[obj] = out
		k.members(obj, out)
		return out
	case "Date":
		return k.construct(class, vm.ToValue(obj.ToFloat()))
	case "Map", "Set":
		out := k.construct(class)
		k.seen[obj] = out
		k.entries(obj, out, class)
		return out
	default:
		k.run.throwType("a %s cannot be cloned", class)
	}
	return nil
}

func (k *cloner) construct(class string, args ...js.Value) *js.Object {
	out, err := k.run.vm.New(k.run.global.Get(class), args...)
	if err != nil {
		k.run.throw(err)
	}
	return out
}

func (k *cloner) members(from, to *js.Object) {
	for _, key := range from.Keys() {
		k.run.put(to, key, k.value(from.Get(key)))
	}
}

// entries copies the items of a map or set through the language's own methods.
func (k *cloner) entries(from, to *js.Object, class string) {
	var items []js.Value
	k.run.vm.ForOf(from, func(v js.Value) bool {
		items = append(items, v)
		return true
	})
	name := "add"
	if class == "Map" {
		name = "set"
	}
	add, ok := js.AssertFunction(to.Get(name))
	if !ok {
		k.run.throwType("%s.prototype.%s is not a function", class, name)
	}
	for _, item := range items {
		args := []js.Value{k.value(item)}
		if pair, ok := args[0].(*js.Object); ok && class == "Map" {
			args = []js.Value{pair.Get("0"), pair.Get("1")}
		}
		if _, err := add(to, args...); err != nil {
			k.run.throw(err)
		}
	}
}
