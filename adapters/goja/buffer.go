package goja

import (
	"reflect"

	js "github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/buffer"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// buffers stands before the module buffer, whose own functions would allocate
// whatever a script asks for, loop for ever over an empty filling, and show an
// object of Go's.
type buffers struct {
	run   *run
	proto *js.Object
	own   map[string]js.Callable // the module's alloc, from and concat
	this  *js.Object             // the module's class, for its own functions only
}

// loadBuffer fills the module buffer.
func (r *run) loadBuffer(module *js.Object) {
	buffer.Require(r.vm, module)
	exports := module.Get("exports").ToObject(r.vm)
	b := &buffers{run: r, this: exports.Get("Buffer").ToObject(r.vm), own: map[string]js.Callable{}}
	for _, name := range []string{"alloc", "from", "concat"} {
		b.own[name], _ = js.AssertFunction(b.this.Get(name))
	}
	b.proto = b.this.Get("prototype").ToObject(r.vm)
	class := r.vm.ToValue(func(c js.ConstructorCall) *js.Object { return b.construct(c.Arguments) }).ToObject(r.vm)
	define(class, "name", r.vm.ToValue("Buffer"))
	if err := class.SetPrototype(b.this.Prototype()); err != nil {
		r.throw(err)
	}
	r.put(class, "prototype", b.proto)
	define(b.proto, "constructor", class)
	r.put(class, "poolSize", b.this.Get("poolSize"))
	for name, f := range map[string]func([]js.Value) js.Value{"alloc": b.alloc, "from": b.from, "concat": b.concat} {
		r.put(class, name, function(r.vm, name, func(c js.FunctionCall) js.Value { return f(c.Arguments) }))
	}
	r.put(exports, "Buffer", class)
	rename(r.vm, exports)
}

// construct is new Buffer(...): of a size, or of what from takes.
func (b *buffers) construct(args []js.Value) *js.Object {
	if len(args) > 0 && js.IsNumber(args[0]) {
		return b.alloc(args[:1]).ToObject(b.run.vm)
	}
	return b.from(args).ToObject(b.run.vm)
}

// call calls the module's own function.
func (b *buffers) call(name string, args ...js.Value) js.Value {
	v, err := b.own[name](b.this, args...)
	if err != nil {
		b.run.throw(err)
	}
	return v
}

// fits refuses what is larger than a payload may be.
func (b *buffers) fits(size int64) {
	if size > int64(b.run.limits.PayloadBytes) {
		b.run.throw(fault.New(fault.LimitExceeded, "a Buffer of %d bytes is larger than %d bytes", size, b.run.limits.PayloadBytes).
			OverLimit(limitPayload))
	}
}

// alloc is Buffer.alloc(size, fill, encoding). An empty filling fills nothing.
func (b *buffers) alloc(args []js.Value) js.Value {
	if len(args) > 0 && js.IsNumber(args[0]) {
		b.fits(args[0].ToInteger())
	}
	if len(args) > 1 {
		if s, ok := args[1].(js.String); ok {
			args = append([]js.Value{args[0], s}, args[2:]...)
			if b.filling(args[1:]) == 0 {
				args = args[:1]
			}
		}
	}
	return b.call("alloc", args...)
}

// filling is how many bytes a text has in an encoding.
func (b *buffers) filling(args []js.Value) int64 {
	length := b.from(args).ToObject(b.run.vm).Get("length")
	return length.ToInteger()
}

// maxValueOf is how many objects may stand for another by their valueOf.
const maxValueOf = 16

// from is Buffer.from(text, encoding), of an ArrayBuffer, or of a list of bytes.
func (b *buffers) from(args []js.Value) js.Value {
	if len(args) == 0 {
		return b.call("from")
	}
	v := args[0]
	for range maxValueOf {
		obj, ok := v.(*js.Object)
		if !ok || isBytes(obj) {
			return b.call("from", append([]js.Value{v}, args[1:]...)...)
		}
		other := b.standsFor(obj)
		if other == nil {
			return b.call("from", b.run.vm.ToValue(b.run.vm.NewArrayBuffer(b.list(obj))))
		}
		v = other
	}
	b.run.throwType("Buffer.from: the valueOf of an object gives ever more objects")
	return nil
}

// isBytes reports whether an object holds bytes, by what it is made of.
func isBytes(obj *js.Object) bool {
	switch obj.ExportType() {
	case reflect.TypeFor[js.ArrayBuffer](), reflect.TypeFor[[]byte]():
		return true
	}
	return false
}

// standsFor is what an object's valueOf or Symbol.toPrimitive gives in its
// place; nil when it is itself.
func (b *buffers) standsFor(obj *js.Object) js.Value {
	if f, ok := js.AssertFunction(obj.Get("valueOf")); ok {
		v, err := f(obj)
		if err != nil {
			b.run.throw(err)
		}
		if v != js.Value(obj) {
			return v
		}
	}
	if f, ok := js.AssertFunction(obj.GetSymbol(js.SymToPrimitive)); ok {
		v, err := f(obj, b.run.vm.ToValue("string"))
		if err != nil {
			b.run.throw(err)
		}
		return v
	}
	return nil
}

// list reads the bytes of an array or of anything with a length.
func (b *buffers) list(obj *js.Object) []byte {
	length := obj.Get("length")
	if length == nil {
		b.run.throwType("Buffer.from expects a text, an ArrayBuffer, a Buffer or a list of bytes")
	}
	n := length.ToInteger()
	b.fits(n)
	bytes := make([]byte, max(n, 0))
	for i := range bytes {
		if item := obj.Get(b.run.vm.ToValue(i).String()); item != nil {
			bytes[i] = byte(item.ToInteger())
		}
	}
	return bytes
}

// concat is Buffer.concat(list, total).
func (b *buffers) concat(args []js.Value) js.Value {
	obj, ok := js.Value(nil), false
	if len(args) > 0 {
		obj, ok = args[0].(*js.Object)
	}
	if !ok {
		return b.call("concat", args...)
	}
	var items []any
	total := int64(0)
	b.run.vm.ForOf(obj, func(v js.Value) bool {
		if one, ok := v.(*js.Object); ok && isBytes(one) {
			total += one.Get("length").ToInteger()
		}
		items = append(items, v)
		b.fits(total)
		return true
	})
	if len(args) > 1 && js.IsNumber(args[1]) {
		b.fits(args[1].ToInteger())
	}
	return b.call("concat", append([]js.Value{b.run.vm.NewArray(items...)}, args[1:]...)...)
}
