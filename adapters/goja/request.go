package goja

import (
	"encoding/base64"
	"net/textproto"
	"net/url"
	"strings"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// requestMethods are the methods of c that describe the exchange.
func requestMethods() map[string]contextMethod {
	return map[string]contextMethod{
		"Request":       func(w *web, _ js.FunctionCall) js.Value { return w.requestObject() },
		"Response":      func(w *web, _ js.FunctionCall) js.Value { return w.responseObject() },
		"IsTLS":         func(w *web, _ js.FunctionCall) js.Value { return w.run.vm.ToValue(w.request.Scheme == "https") },
		"Scheme":        func(w *web, _ js.FunctionCall) js.Value { return w.run.vm.ToValue(w.request.Scheme) },
		"RealIP":        func(w *web, _ js.FunctionCall) js.Value { return w.run.vm.ToValue(w.request.RealIP) },
		"Path":          func(w *web, _ js.FunctionCall) js.Value { return w.run.vm.ToValue(w.request.Path) },
		"FormFile":      (*web).formFile,
		"MultipartForm": (*web).multipartForm,
	}
}

// requestHeader is the first value of a header of the request, or "".
func (w *web) requestHeader(name string) string {
	if values := w.request.Header[textproto.CanonicalMIMEHeaderKey(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// getter makes a native method from a text to a text.
func (r *run) getter(name string, f func(string) string) js.Value {
	return function(r.vm, name, func(c js.FunctionCall) js.Value { return r.vm.ToValue(f(textOf(c.Argument(0)))) })
}

// both gives a hidden member under Go's spelling and under JavaScript's, where
// there is none yet.
func both(obj *js.Object, name string, v js.Value) {
	for _, spelling := range []string{name, strings.ToLower(name[:1]) + name[1:]} {
		if obj.Get(spelling) == nil {
			define(obj, spelling, v)
		}
	}
}

// requestObject makes what c.Request() gives: plain members in JavaScript's
// spelling, and the members and methods of Go's http.Request that scripts of
// the original runtime use.
func (w *web) requestObject() js.Value {
	r, in := w.run, w.request
	obj := r.vm.NewObject()
	target := (&url.URL{Path: in.Path, RawQuery: in.RawQuery}).RequestURI()
	headers := r.vm.NewObject()
	for _, name := range sortedKeys(in.Header) {
		r.put(headers, strings.ToLower(name), strings.Join(in.Header[name], ", "))
	}
	for _, m := range []struct {
		name  string
		value any
	}{
		{"method", in.Method}, {"url", target}, {"path", in.Path}, {"query", in.RawQuery}, {"host", in.Host},
		{"scheme", in.Scheme}, {"ip", in.RealIP}, {"headers", headers}, {"body", string(in.Body)},
	} {
		r.put(obj, m.name, m.value)
	}
	header := r.headerObject(in.Header)
	for name, v := range map[string]js.Value{
		"Method": r.vm.ToValue(in.Method), "Host": r.vm.ToValue(in.Host), "Header": header,
		"RequestURI": r.vm.ToValue(target), "RemoteAddr": r.vm.ToValue(in.RealIP), "Body": r.vm.ToValue(string(in.Body)),
		"ContentLength": r.vm.ToValue(len(in.Body)),
		"UserAgent":     r.getter("userAgent", func(string) string { return w.requestHeader("User-Agent") }),
		"Referer":       r.getter("referer", func(string) string { return w.requestHeader("Referer") }),
		"FormValue":     r.getter("formValue", func(name string) string { return w.formValues().Get(name) }),
		"Cookie":        function(r.vm, "cookie", w.cookie),
	} {
		both(obj, name, v)
	}
	define(obj, "URL", w.urlObject()) // beside url, which is the text
	return obj
}

// urlObject is the parsed URL of the request.
func (w *web) urlObject() js.Value {
	r, in := w.run, w.request
	u := url.URL{Scheme: in.Scheme, Host: in.Host, Path: in.Path, RawQuery: in.RawQuery}
	obj := r.vm.NewObject()
	for name, value := range map[string]string{"Path": in.Path, "RawQuery": in.RawQuery, "Host": in.Host, "Scheme": in.Scheme} {
		both(obj, name, r.vm.ToValue(value))
	}
	both(obj, "String", r.getter("string", func(string) string { return u.String() }))
	both(obj, "Query", function(r.vm, "query", func(js.FunctionCall) js.Value { return r.lists(w.queryValues()) }))
	define(obj, "toString", r.getter("toString", func(string) string { return u.String() }))
	return obj
}

// headerObject shows a header as name -> values, with Go's methods to read it.
func (r *run) headerObject(values map[string][]string) js.Value {
	obj := r.lists(values)
	first := func(name string) string {
		if list := values[textproto.CanonicalMIMEHeaderKey(name)]; len(list) > 0 {
			return list[0]
		}
		return ""
	}
	both(obj, "Get", r.getter("get", first))
	both(obj, "Values", function(r.vm, "values", func(c js.FunctionCall) js.Value {
		return r.texts(values[textproto.CanonicalMIMEHeaderKey(textOf(c.Argument(0)))])
	}))
	return obj
}

// formFile gives an uploaded file by the name of its field, or null.
func (w *web) formFile(c js.FunctionCall) js.Value {
	name := textOf(c.Argument(0))
	for _, f := range w.request.Files {
		if f.Field == name {
			return w.run.fileObject(f)
		}
	}
	return js.Null()
}

// multipartForm gives {value: name -> texts, file: name -> files}.
func (w *web) multipartForm(js.FunctionCall) js.Value {
	r := w.run
	files := map[string][]any{}
	for _, f := range w.request.Files {
		files[f.Field] = append(files[f.Field], r.fileObject(f))
	}
	byName := r.vm.NewObject()
	for _, name := range sortedKeys(files) {
		r.put(byName, name, r.vm.NewArray(files[name]...))
	}
	obj := r.vm.NewObject()
	values := r.lists(w.request.Form)
	r.put(obj, "value", values)
	r.put(obj, "file", byName)
	define(obj, "Value", values)
	define(obj, "File", byName)
	return obj
}

// fileObject is an uploaded file; its content is read by text() or base64().
func (r *run) fileObject(f ports.FormFile) js.Value {
	obj := r.vm.NewObject()
	r.put(obj, "filename", f.Name)
	r.put(obj, "size", len(f.Content))
	r.put(obj, "content_type", f.ContentType)
	define(obj, "Filename", r.vm.ToValue(f.Name))
	define(obj, "Size", r.vm.ToValue(len(f.Content)))
	define(obj, "text", r.getter("text", func(string) string { return strings.ToValidUTF8(string(f.Content), "\ufffd") }))
	define(obj, "base64", r.getter("base64", func(string) string { return base64.StdEncoding.EncodeToString(f.Content) }))
	return obj
}
