package goja

import (
	"math"
	"math/big"
	"reflect"
	"strconv"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// encoder turns JavaScript values into JSON in one pass, as JSON.stringify
// would. Exceptions thrown by getters, proxies and toJSON leave it as panics,
// like everywhere in the engine's Go interface.
type encoder struct {
	vm     *js.Runtime
	buf    []byte
	limit  int          // bytes; more is limit_exceeded
	parent []*js.Object // the objects being written, outermost first
	err    error        // set once, ends the writing
}

// encode writes one value. The zero Value means that JSON.stringify would give
// undefined. More than limit bytes gives code limit_exceeded. It must run inside
// a native function or under Runtime.Try, since it may run JavaScript.
func encode(vm *js.Runtime, v js.Value, limit int) (payload.Value, error) {
	e := encoder{vm: vm, limit: limit, buf: make([]byte, 0, 128)}
	written := e.value(v, "")
	if e.err != nil {
		return payload.Value{}, e.err
	}
	if !written {
		return payload.Value{}, nil
	}
	return payload.Trusted(e.buf), nil
}

// value writes v and reports whether there was something to write; key is what
// toJSON is told.
func (e *encoder) value(v js.Value, key string) bool {
	if e.err != nil {
		return false
	}
	if obj, ok := v.(*js.Object); ok {
		v = e.custom(v, obj, key)
		if obj, ok = v.(*js.Object); ok {
			return e.object(obj)
		}
	}
	if v == nil || js.IsUndefined(v) {
		return false
	}
	return e.primitive(v, key)
}

func (e *encoder) primitive(v js.Value, key string) bool {
	switch s := v.(type) {
	case js.String:
		if s.Length() > e.limit { // not to be copied to find that out
			e.overflow()
			return false
		}
		e.text(s)
		return e.room()
	case *js.Symbol:
		return false
	}
	switch x := v.Export().(type) {
	case nil:
		e.buf = append(e.buf, "null"...)
	case bool:
		e.buf = strconv.AppendBool(e.buf, x)
	case int64:
		e.buf = strconv.AppendInt(e.buf, x, 10)
	case float64:
		e.float(x, v)
	default: // a BigInt; only a toJSON on its prototype makes it writable
		w := e.custom(v, v.ToObject(e.vm), key)
		if js.IsBigInt(w) { // toJSON is asked once
			panic(e.vm.NewTypeError("Do not know how to serialize a BigInt"))
		}
		return e.value(w, key)
	}
	return e.room()
}

// custom is what toJSON makes of a value, or the value itself.
func (e *encoder) custom(v js.Value, obj *js.Object, key string) js.Value {
	member, ok := obj.Get("toJSON").(*js.Object)
	if !ok {
		return v
	}
	toJSON, ok := js.AssertFunction(member)
	if !ok {
		return v
	}
	w, err := toJSON(v, e.vm.ToValue(key))
	if err != nil {
		panic(err)
	}
	return w
}

func (e *encoder) float(f float64, v js.Value) {
	switch abs := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		e.buf = append(e.buf, "null"...)
	case f == 0: // minus zero
		e.buf = append(e.buf, '0')
	case 1e-6 <= abs && abs < 1e21:
		e.buf = strconv.AppendFloat(e.buf, f, 'f', -1, 64)
	default:
		e.buf = append(e.buf, v.String()...)
	}
}

// object writes an object, after its toJSON had its say.
func (e *encoder) object(obj *js.Object) bool {
	class := obj.ClassName()
	switch class {
	case "Function", "AsyncFunction", "GeneratorFunction":
		return false
	case "RawJSON":
		e.buf = append(e.buf, obj.Get("rawJSON").String()...)
		return e.room()
	}
	if v := e.unboxed(obj, class); v != js.Value(obj) {
		return e.primitive(v, "")
	}
	e.enter(obj)
	if e.err != nil {
		return false
	}
	if class == "Array" || isProxiedArray(obj) {
		e.array(obj)
	} else {
		e.members(obj)
	}
	e.parent = e.parent[:len(e.parent)-1]
	return e.room()
}

// enter refuses cycles, as JSON.stringify does, and nesting that the next node
// would not accept.
func (e *encoder) enter(obj *js.Object) {
	for _, p := range e.parent {
		if p == obj {
			panic(e.vm.NewTypeError("Converting circular structure to JSON"))
		}
	}
	if len(e.parent) == payload.MaxDepth {
		e.err = fault.New(fault.ScriptFailed, "the value nests deeper than %d levels", payload.MaxDepth)
		return
	}
	e.parent = append(e.parent, obj)
}

func (e *encoder) array(obj *js.Object) {
	e.buf = append(e.buf, '[')
	length := obj.Get("length").ToInteger()
	for i := range length {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		key := strconv.FormatInt(i, 10)
		if !e.value(obj.Get(key), key) {
			e.buf = append(e.buf, "null"...)
		}
		if !e.room() {
			return
		}
	}
	e.buf = append(e.buf, ']')
}

func (e *encoder) members(obj *js.Object) {
	keys := obj.Keys()
	if anyBroken(keys) {
		e.slowMembers(obj)
		return
	}
	e.buf = append(e.buf, '{')
	first := len(e.buf)
	for _, key := range keys {
		mark := len(e.buf)
		if mark > first {
			e.buf = append(e.buf, ',')
		}
		e.quote(key)
		e.buf = append(e.buf, ':')
		if !e.value(obj.Get(key), key) {
			e.buf = e.buf[:mark]
		}
		if e.err != nil {
			return
		}
	}
	e.buf = append(e.buf, '}')
}

// slowMembers writes an object with the engine's own JSON.stringify: the Go
// interface cannot spell keys that hold lone surrogates.
func (e *encoder) slowMembers(obj *js.Object) {
	b, err := obj.MarshalJSON()
	if err != nil {
		panic(err)
	}
	e.buf = append(e.buf, b...)
}

// room reports whether the text is still within its limit, and notes the fault
// when it is not.
func (e *encoder) room() bool {
	if len(e.buf) > e.limit && e.err == nil {
		e.overflow()
	}
	return e.err == nil
}

func (e *encoder) overflow() {
	e.err = fault.New(fault.LimitExceeded, "the value is larger than %d bytes as JSON", e.limit).OverLimit(limitPayload)
}

// unboxed is the primitive inside new Number(1) and its like; for every other
// object it is the object itself.
func (e *encoder) unboxed(obj *js.Object, class string) js.Value {
	switch class {
	case "Number":
		return obj.ToNumber()
	case "String":
		return obj.ToString()
	case "Boolean":
		b, _ := obj.Export().(bool)
		return e.vm.ToValue(b)
	}
	if obj.ExportType() == reflect.TypeFor[*big.Int]() {
		panic(e.vm.NewTypeError("Do not know how to serialize a BigInt"))
	}
	return obj
}

// isProxiedArray looks through proxies, as Array.isArray does.
func isProxiedArray(obj *js.Object) bool {
	for obj.ExportType() == reflect.TypeFor[js.Proxy]() {
		proxy, _ := obj.Export().(js.Proxy)
		target := proxy.Target()
		if target == nil {
			return false
		}
		if target.ClassName() == "Array" {
			return true
		}
		obj = target
	}
	return false
}
