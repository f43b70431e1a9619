package goja

import (
	js "github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/url"
)

// loadURL fills the module url. What it gives as a list of Go's becomes an
// array.
func (r *run) loadURL(module *js.Object) {
	url.Require(r.vm, module)
	exports := module.Get("exports").ToObject(r.vm)
	params := exports.Get("URLSearchParams").ToObject(r.vm).Get("prototype").ToObject(r.vm)
	own, _ := js.AssertFunction(params.Get("getAll"))
	r.put(params, "getAll", function(r.vm, "getAll", func(c js.FunctionCall) js.Value {
		v, err := own(c.This, c.Arguments...)
		if err != nil {
			r.throw(err)
		}
		values, ok := v.Export().([]string)
		if !ok {
			return v
		}
		return r.texts(values)
	}))
	rename(r.vm, exports)
}
