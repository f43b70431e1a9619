package goja

import (
	js "github.com/dop251/goja"
)

// responseObject makes what c.Response() gives: the status of the answer, 0
// before there is one, and its headers.
func (w *web) responseObject() js.Value {
	r := w.run
	obj := r.vm.NewObject()
	status := 0
	if w.reply != nil {
		status = w.reply.Status
	}
	both(obj, "Status", r.vm.ToValue(status))
	both(obj, "Committed", r.vm.ToValue(w.reply != nil))
	both(obj, "Header", function(r.vm, "header", func(js.FunctionCall) js.Value { return w.responseHeader() }))
	return obj
}

// responseHeader gives Go's methods on the headers of the answer.
func (w *web) responseHeader() js.Value {
	r := w.run
	obj := r.vm.NewObject()
	both(obj, "Get", r.getter("get", w.answerHeader))
	for name, change := range map[string]func(name, value string){
		"Set": w.setHeader, "Add": w.addHeader, "Del": func(name, _ string) { w.delHeader(name) },
	} {
		both(obj, name, function(r.vm, name, func(c js.FunctionCall) js.Value {
			change(textOf(c.Argument(0)), textOf(c.Argument(1)))
			return js.Undefined()
		}))
	}
	return obj
}
