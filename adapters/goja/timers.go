package goja

import (
	"math"
	"time"

	js "github.com/dop251/goja"
)

// timerNatives are the functions that schedule calls, and sleep.
func timerNatives() map[string]native {
	return functions{
		"setTimeout":     func(r *run, c js.FunctionCall) js.Value { return r.schedule(c, "setTimeout", 1, false) },
		"setInterval":    func(r *run, c js.FunctionCall) js.Value { return r.schedule(c, "setInterval", 1, true) },
		"setImmediate":   func(r *run, c js.FunctionCall) js.Value { return r.schedule(c, "setImmediate", 0, false) },
		"clearTimeout":   (*run).unschedule,
		"clearInterval":  (*run).unschedule,
		"clearImmediate": (*run).unschedule,
		"queueMicrotask": (*run).microtask,
		"sleep":          (*run).sleep,
	}.natives()
}

// schedule implements setTimeout and its like; delays says how many arguments
// follow the function before those it is called with.
func (r *run) schedule(c js.FunctionCall, name string, delays int, repeat bool) js.Value {
	f, ok := js.AssertFunction(c.Argument(0))
	if !ok {
		r.throwType("%s expects a function", name)
	}
	after := time.Duration(0)
	if delays > 0 {
		after = milliseconds(c.Argument(1))
	}
	t := &timer{call: f}
	if repeat {
		after = max(after, time.Millisecond) // or it would never end
		t.every = after
	}
	if len(c.Arguments) > 1+delays {
		t.args = append(t.args, c.Arguments[1+delays:]...)
	}
	return r.vm.ToValue(r.loop.add(t, after))
}

func (r *run) unschedule(c js.FunctionCall) js.Value {
	r.loop.remove(c.Argument(0).ToInteger())
	return js.Undefined()
}

// microtask runs a function before the next timer; what it throws ends the run,
// as an uncaught exception of a timer does.
func (r *run) microtask(c js.FunctionCall) js.Value {
	f, ok := js.AssertFunction(c.Argument(0))
	if !ok {
		r.throwType("queueMicrotask expects a function")
	}
	p, resolve, _ := r.vm.NewPromise()
	then, ok := js.AssertFunction(r.vm.ToValue(p).ToObject(r.vm).Get("then"))
	if !ok {
		r.throwType("queueMicrotask needs Promise.prototype.then")
	}
	task := function(r.vm, "microtask", func(js.FunctionCall) js.Value {
		if _, err := f(js.Undefined()); err != nil {
			if isStop(err) {
				panic(err)
			}
			// Thrown again from the loop, where nothing can catch it.
			r.loop.add(&timer{call: func(js.Value, ...js.Value) (js.Value, error) { return nil, err }}, 0)
		}
		return js.Undefined()
	})
	if _, err := then(r.vm.ToValue(p), task); err != nil {
		panic(err)
	}
	if err := resolve(js.Undefined()); err != nil {
		panic(err)
	}
	return js.Undefined()
}

// sleep blocks the script. When the run ends meanwhile, the script does not
// come back from it.
func (r *run) sleep(c js.FunctionCall) js.Value {
	if err := r.wait(milliseconds(c.Argument(0))); err != nil {
		reason := stopTime
		if r.ctx.Err() != nil {
			reason = stopCancelled
		}
		r.vm.Interrupt(reason)
	}
	return js.Undefined()
}

// milliseconds reads a delay; nonsense is no delay.
func milliseconds(v js.Value) time.Duration {
	ms := v.ToFloat()
	if math.IsNaN(ms) || ms <= 0 {
		return 0
	}
	const longest = float64(24 * time.Hour / time.Millisecond)
	return time.Duration(min(ms, longest) * float64(time.Millisecond))
}
