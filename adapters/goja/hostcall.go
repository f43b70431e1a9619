package goja

import (
	"context"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// hostFunction makes a function that Host.Call answers.
func (r *run) hostFunction(name string) js.Value {
	return function(r.vm, name, func(c js.FunctionCall) js.Value {
		return r.callHost(name, c.Arguments)
	})
}

// callHost sends arguments as JSON and brings the result back. Undefined
// arguments at the end are left out; elsewhere they are null, as JSON has no
// undefined. A fault is thrown into the script.
func (r *run) callHost(name string, args []js.Value) js.Value {
	for len(args) > 0 && js.IsUndefined(args[len(args)-1]) {
		args = args[:len(args)-1]
	}
	encoded := make([]payload.Value, len(args))
	room := r.limits.PayloadBytes // for all arguments together
	for i, arg := range args {
		v, err := encode(r.vm, arg, room)
		if err != nil {
			if i > 0 {
				err = r.tooLarge(err, "the arguments of "+name)
			}
			r.throw(err)
		}
		room -= len(v.Bytes())
		if v.IsZero() {
			v = payload.Trusted([]byte("null"))
		}
		encoded[i] = v
	}
	r.countHostCall()
	result, err := r.call.Host.Call(r.hostContext(), name, encoded)
	if err != nil {
		r.throw(err)
	}
	if result.IsZero() {
		return js.Undefined()
	}
	v, err := r.decode(result)
	if err != nil {
		r.throw(fault.Wrap(err, fault.Internal, "%s gave a result that is not JSON", name))
	}
	return v
}

// hostContext is what host functions get: it ends with the script's time, so
// that no call outlives its script.
func (r *run) hostContext() context.Context {
	if r.hostCtx == nil {
		r.hostCtx, r.release = context.WithDeadline(r.ctx, r.deadline)
	}
	return r.hostCtx
}
