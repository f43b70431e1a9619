package goja

import (
	"context"
	"time"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// startOutput is what next holds when the host does not say otherwise.
const startOutput = "output_1"

// run is the world of one script: a runtime, what was bound into it, and what
// the script did to the outside. Only its own goroutine touches it.
type run struct {
	engine   *Engine
	ctx      context.Context // a run is one call, and host functions need its context
	hostCtx  context.Context // ctx ending with the script's time; nil until a host call needs it
	release  context.CancelFunc
	call     ports.ScriptCall
	limits   policy.Limits
	deadline time.Time

	vm     *js.Runtime
	global *js.Object
	proto  *js.Object // Object.prototype
	main   *program

	payload payload.Value // as the script starts
	next    string
	bound   []string
	whole   bool

	loop     loop
	web      *web
	modules  map[string]*js.Object
	loaded   map[string]*program
	faults   map[*js.Object]*fault.Fault // what host faults were thrown as
	rejected map[*js.Promise]struct{}
	rules    map[string]js.Callable

	mode       mode
	at         func(module string, line, column int) // nil = nobody is told
	meters     map[*program]*js.Object               // of programs with with statements
	operations int
	look       int // how many operations until the next look at the limits
	lines      int
	logged     int // bytes
	hostCalls  int
	halted     *halt
}

// Run runs a script; see ports.ScriptEngine.
func (e *Engine) Run(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
	if ctx.Err() != nil {
		return node.ScriptResult{}, cancelled(ctx)
	}
	how := e.modeOf(call)
	src := mainSource(call.Script)
	src.mode = how
	main, err := e.program(src)
	if err != nil {
		return node.ScriptResult{}, placed(err, call.Script.Field)
	}
	r := e.newRun(ctx, call, main)
	r.mode, r.at = how, call.At
	dog, _ := e.watchdogs.Get().(*watchdog)
	dog.arm(r.vm, r.limits.ScriptTime)
	defer e.watchdogs.Put(dog)
	defer dog.disarm()
	if ctx.Done() != nil {
		unwatch := context.AfterFunc(ctx, func() { r.vm.Interrupt(stopCancelled) })
		defer unwatch()
	}
	defer func() {
		if r.release != nil {
			r.release()
		}
	}()
	var result node.ScriptResult
	err = r.contain(func() (err error) {
		result, err = r.execute()
		return err
	})
	if err != nil {
		return node.ScriptResult{}, r.explain(err)
	}
	return result, nil
}

func (e *Engine) newRun(ctx context.Context, call ports.ScriptCall, main *program) *run {
	vm := js.New()
	r := &run{
		engine: e, ctx: ctx, call: call, limits: filled(call.Limits), main: main,
		vm: vm, global: vm.GlobalObject(), proto: vm.NewObject().Prototype(),
		payload: call.Payload, next: startOutput,
	}
	r.deadline = time.Now().Add(r.limits.ScriptTime)
	if r.payload.Kind() == payload.Null {
		r.payload = payload.EmptyObject()
	}
	if v, ok := call.Host.Global("next"); ok {
		r.next = v.String()
	}
	r.look = min(r.limits.Operations, stackEvery)
	vm.SetMaxCallStackSize(r.limits.CallDepth)
	vm.SetTimeSource(e.now)
	vm.SetPromiseRejectionTracker(r.trackRejection)
	forbidEval(vm)
	return r
}

// execute runs the script to its end and collects what it left behind.
func (r *run) execute() (node.ScriptResult, error) {
	if err := r.bindAll(r.main); err != nil {
		return node.ScriptResult{}, err
	}
	returned, err := r.start()
	if err != nil {
		return node.ScriptResult{}, err
	}
	if returned, err = r.settle(returned); err != nil {
		return node.ScriptResult{}, err
	}
	var result node.ScriptResult
	if ex := r.vm.Try(func() { result, err = r.collect(returned) }); ex != nil {
		return node.ScriptResult{}, ex
	}
	return result, err
}

// start evaluates the program, and calls its entry function when it has one.
func (r *run) start() (js.Value, error) {
	if err := r.arm(r.main); err != nil {
		return nil, err
	}
	v, err := r.vm.RunProgram(r.main.compiled)
	if err != nil || r.main.shape == bodyShape {
		return v, err
	}
	entry, ok := js.AssertFunction(r.vm.Get(r.call.Script.Entry))
	if !ok {
		return nil, fault.New(fault.ScriptFailed, "the script does not define a function %s()", r.call.Script.Entry)
	}
	return entry(js.Undefined())
}

// collect reads payload, next and the answer back. The value a body returned is
// the new payload; without one it is the variable, as scripts may just edit it.
func (r *run) collect(returned js.Value) (node.ScriptResult, error) {
	var result node.ScriptResult
	var err error
	result.Payload = r.payload
	if r.main.shape != bodyShape || returned == nil || js.IsUndefined(returned) {
		returned = nil
		if r.isBound("payload") {
			returned = r.vm.Get("payload")
		}
	}
	if returned != nil {
		if result.Payload, err = r.encode(returned); err != nil {
			return result, err
		}
		if result.Payload.Kind() == payload.Null {
			result.Payload = payload.EmptyObject()
		}
	}
	result.Next = r.next
	if r.isBound("next") {
		result.Next = textOf(r.vm.Get("next"))
		if len(result.Next) > r.limits.PayloadBytes {
			return result, r.overSize("next")
		}
	}
	if r.web != nil {
		err = r.web.collect(&result)
	}
	return result, err
}

// isBound reports whether the script could have changed a global.
func (r *run) isBound(name string) bool {
	if r.whole {
		return true
	}
	for _, b := range r.bound {
		if b == name {
			return true
		}
	}
	return false
}

// textOf is a value as text; undefined and null are nothing.
func textOf(v js.Value) string {
	if v == nil || js.IsUndefined(v) || js.IsNull(v) {
		return ""
	}
	return v.String()
}

func (r *run) decode(v payload.Value) (js.Value, error) { return decode(r.vm, r.proto, v) }

func (r *run) encode(v js.Value) (payload.Value, error) {
	return encode(r.vm, v, r.limits.PayloadBytes)
}
