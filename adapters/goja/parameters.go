package goja

import (
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// parameterMethods are the methods of c that read what the request carries.
func parameterMethods() map[string]contextMethod {
	return map[string]contextMethod{
		"Param":      func(w *web, c js.FunctionCall) js.Value { return w.run.vm.ToValue(w.param(textOf(c.Argument(0)))) },
		"ParamNames": (*web).paramNames,
		"QueryParam": func(w *web, c js.FunctionCall) js.Value {
			return w.run.vm.ToValue(w.queryValues().Get(textOf(c.Argument(0))))
		},
		"QueryParams": func(w *web, _ js.FunctionCall) js.Value { return w.run.lists(w.queryValues()) },
		"QueryString": func(w *web, _ js.FunctionCall) js.Value { return w.run.vm.ToValue(w.request.RawQuery) },
		"FormValue": func(w *web, c js.FunctionCall) js.Value {
			return w.run.vm.ToValue(w.formValues().Get(textOf(c.Argument(0))))
		},
		"FormParams": func(w *web, _ js.FunctionCall) js.Value { return w.run.lists(w.formValues()) },
		"Bind":       (*web).bind,
	}
}

func (w *web) param(name string) string {
	for _, v := range w.request.PathVars {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

func (w *web) paramNames(js.FunctionCall) js.Value {
	var names []string
	for _, v := range w.request.PathVars {
		names = append(names, v.Name)
	}
	return w.run.texts(names)
}

// queryValues is the parsed query; what does not parse is left out.
func (w *web) queryValues() url.Values {
	if w.query == nil {
		w.query, _ = url.ParseQuery(w.request.RawQuery)
	}
	return w.query
}

// formValues is the form of the body and the query together, the body first.
func (w *web) formValues() url.Values {
	all := url.Values(maps.Clone(map[string][]string(w.request.Form)))
	if all == nil {
		all = url.Values{}
	}
	for name, values := range w.queryValues() {
		all[name] = slices.Concat(all[name], values)
	}
	return all
}

// bind parses the body: JSON by its content type, a form as an object. Given an
// object, it fills that too.
func (w *web) bind(c js.FunctionCall) js.Value {
	parsed := w.body()
	target, ok := c.Argument(0).(*js.Object)
	from, filled := parsed.(*js.Object)
	if ok && filled {
		for _, key := range from.Keys() {
			w.run.put(target, key, from.Get(key))
		}
	}
	return parsed
}

func (w *web) body() js.Value {
	kind, _, _ := mime.ParseMediaType(w.requestHeader("Content-Type"))
	if len(w.request.Body) > 0 && (kind == typeJSON || strings.HasSuffix(kind, "+json")) {
		v, err := payload.Parse(w.request.Body)
		if err != nil {
			w.run.throw(fault.As(err))
		}
		value, err := w.run.decode(v)
		if err != nil {
			w.run.throw(err)
		}
		return value
	}
	values := w.formValues()
	out := w.run.vm.NewObject()
	for _, name := range sortedKeys(values) {
		if list := values[name]; len(list) == 1 {
			w.run.put(out, name, list[0])
		} else {
			w.run.put(out, name, w.run.texts(list))
		}
	}
	return out
}
