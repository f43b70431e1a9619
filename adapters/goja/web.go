package goja

import (
	"maps"
	"net/url"
	"slices"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// web is the HTTP exchange as a script sees it: the request being served and
// the answer it gives. The object c stands in front of it.
type web struct {
	run     *run
	request *ports.Inbound // never nil: without a request, an empty one
	object  *js.Object     // c

	reply  *node.Reply
	header []node.Header

	headerBytes int        // of header and of the headers of reply
	locals      *js.Object // nil until Get or Set is called
	stored      bool       // Set was called
	query       url.Values // parsed on first use
}

// contextMethod is one method of c.
type contextMethod func(w *web, c js.FunctionCall) js.Value

// contextNatives are the two names of the context object.
func contextNatives() map[string]native {
	return map[string]native{"c": (*run).contextObject, "echo_context": (*run).contextObject}
}

// contextMethods joins the tables of the methods of c.
func contextMethods() map[string]contextMethod {
	all := map[string]contextMethod{}
	for _, table := range []map[string]contextMethod{replyMethods(), fileMethods(), parameterMethods(), requestMethods(), cookieMethods(), localMethods()} {
		maps.Copy(all, table)
	}
	return all
}

// contextObject makes c, whose methods are made when they are first used.
func (r *run) contextObject() js.Value {
	if r.web != nil {
		return r.web.object
	}
	w := &web{run: r, request: r.call.Host.Request()}
	if w.request == nil {
		w.request = &ports.Inbound{Method: "GET", Path: "/", Scheme: "http"}
	}
	methods := r.engine.context
	w.object = newLazyObject(r.vm, func(name string) js.Value {
		method, ok := methods[name]
		if !ok {
			return nil
		}
		return function(r.vm, name, func(c js.FunctionCall) js.Value { return method(w, c) })
	}, r.engine.contextNames)
	r.web = w
	return w.object
}

// collect puts what the script did to the exchange into the result.
func (w *web) collect(result *node.ScriptResult) error {
	result.Reply, result.Header = w.reply, w.header
	if !w.stored {
		return nil
	}
	v, err := w.run.encode(w.locals)
	result.Locals = v
	return err
}

// localMethods are the values kept from node to node of one run.
func localMethods() map[string]contextMethod {
	return map[string]contextMethod{
		"Get": func(w *web, c js.FunctionCall) js.Value { return w.keep().Get(textOf(c.Argument(0))) },
		"Set": func(w *web, c js.FunctionCall) js.Value {
			w.run.put(w.keep(), textOf(c.Argument(0)), c.Argument(1))
			w.stored = true
			return js.Undefined()
		},
	}
}

// keep is the object of the kept values.
func (w *web) keep() *js.Object {
	if w.locals != nil {
		return w.locals
	}
	w.locals = w.run.vm.NewObject()
	if w.run.call.Locals.Kind() == payload.Object {
		v, err := w.run.decode(w.run.call.Locals)
		if err != nil {
			w.run.throw(fault.Wrap(err, fault.Internal, "the values kept by c.Set are not readable"))
		}
		w.locals = v.ToObject(w.run.vm)
	}
	return w.locals
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
