package goja

import (
	"strconv"
	"strings"

	js "github.com/dop251/goja"
)

// valueNatives are the functions on values.
func valueNatives() map[string]native {
	return functions{
		"find_element":      (*run).findElement,
		"new_map":           func(r *run, _ js.FunctionCall) js.Value { return r.vm.NewObject() },
		"url_values_to_map": (*run).urlValues,
		"structuredClone":   (*run).structuredClone,
	}.natives()
}

// findElement follows a dotted path, such as "items.0.name", into a value. What
// is not there is null.
func (r *run) findElement(c js.FunctionCall) js.Value {
	v := c.Argument(1)
	for step := range strings.SplitSeq(textOf(c.Argument(0)), ".") {
		obj, ok := v.(*js.Object)
		if !ok || step == "__proto__" {
			return js.Null()
		}
		if obj.ClassName() == "Array" {
			if _, err := strconv.ParseUint(step, 10, 32); err != nil {
				return js.Null()
			}
		}
		v = obj.Get(step)
	}
	if v == nil || js.IsUndefined(v) {
		return js.Null()
	}
	if _, inherited := js.AssertFunction(v); inherited {
		return js.Null()
	}
	return v
}

// urlValues gives a plain object from name to an array of texts, whatever the
// members of its argument are.
func (r *run) urlValues(c js.FunctionCall) js.Value {
	out := r.vm.NewObject()
	from, ok := c.Argument(0).(*js.Object)
	if !ok {
		return out
	}
	for _, name := range from.Keys() {
		var list []any
		if values, ok := from.Get(name).(*js.Object); ok && values.ClassName() == "Array" {
			for i := range r.lengthOf(values) {
				list = append(list, textOf(values.Get(strconv.FormatInt(i, 10))))
			}
		} else {
			list = append(list, textOf(from.Get(name)))
		}
		r.put(out, name, r.vm.NewArray(list...))
	}
	return out
}

// lengthOf is the length of an array whose items native code is about to visit:
// a script cannot be interrupted there, so a length no payload could have throws.
func (r *run) lengthOf(obj *js.Object) int64 {
	v := obj.Get("length")
	if v == nil {
		return 0
	}
	n := v.ToInteger()
	if n > int64(r.limits.PayloadBytes) {
		r.throwRange("an array of %d items is too long here", n)
	}
	return n
}

// put sets a member of an object the engine made.
func (r *run) put(obj *js.Object, name string, v any) {
	if err := obj.Set(name, v); err != nil {
		r.throw(err)
	}
}

// lists makes an object from name to an array of texts.
func (r *run) lists(values map[string][]string) *js.Object {
	out := r.vm.NewObject()
	for _, name := range sortedKeys(values) {
		r.put(out, name, r.texts(values[name]))
	}
	return out
}

func (r *run) texts(list []string) *js.Object {
	items := make([]any, len(list))
	for i, s := range list {
		items[i] = s
	}
	return r.vm.NewArray(items...)
}
