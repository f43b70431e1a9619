package goja

import (
	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// safeJSON is the language's JSON with another parse. The engine's recurses as
// deeply as its text nests, so a request body of a few megabytes of "[" would
// end the process; ours refuses more than payload.MaxDepth levels.
func safeJSON() binding {
	return binding{name: "JSON", kind: bindNative, make: func(r *run) js.Value {
		object := r.global.Get("JSON").ToObject(r.vm)
		original, ok := js.AssertFunction(object.Get("parse"))
		if ok {
			define(object, "parse", function(r.vm, "parse", func(c js.FunctionCall) js.Value {
				return r.parseJSON(c, original)
			}))
		}
		return object
	}}
}

// parseJSON is JSON.parse; with a reviver the engine's own parse runs, on a text
// that is known not to nest too deeply.
func (r *run) parseJSON(c js.FunctionCall, original js.Callable) js.Value {
	if _, symbol := c.Argument(0).(*js.Symbol); symbol {
		r.throwType("Cannot convert a Symbol value to a string")
	}
	text := c.Argument(0).ToString()
	v, err := decodeText(r.vm, r.proto, text.String())
	if fault.CodeOf(err) == fault.Malformed {
		panic(newError(r.vm, "SyntaxError", fault.As(err).Message))
	}
	if err != nil {
		r.throw(err)
	}
	if _, revive := js.AssertFunction(c.Argument(1)); !revive {
		return v
	}
	if v, err = original(c.This, text, c.Argument(1)); err != nil {
		r.throw(err)
	}
	return v
}
