package goja

import (
	"context"
	"runtime/debug"
	"strings"
	"time"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// maxMessage bounds, in bytes, what a script can put into a fault's message.
const maxMessage = 4 << 10

// trace is the cause of a fault that a script met: where it was, in the
// author's terms, and what the host said.
type trace struct {
	stack string
	cause error
}

func (t *trace) Error() string { return strings.TrimSpace("call stack:\n" + t.stack) }
func (t *trace) Unwrap() error { return t.cause }

// crash is a panic of the engine.
type crash struct {
	value any
	stack []byte
}

func (c *crash) Error() string { return "the script engine panicked" }

// contain turns panics into errors: the engine's own, which are uncatchable
// interrupts, and true ones, which must not end the process.
func (r *run) contain(f func() error) (err error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case *js.Exception:
			err = x
		case *js.InterruptedError:
			err = x
		case *js.StackOverflowError:
			err = x
		default:
			err = &crash{value: x, stack: debug.Stack()}
		}
	}()
	return f()
}

// isStop reports whether an error is one that no script may catch. Errors of the
// engine are looked at without errors.As: unwrapping a script's exception runs
// the script.
func isStop(err error) bool {
	switch any(err).(type) {
	case *js.InterruptedError, *js.StackOverflowError:
		return true
	}
	return false
}

// explain turns whatever ended a script into a fault. Describing what was thrown
// may run the script's own toString, so the watchdog must still be awake.
func (r *run) explain(err error) error {
	var explained error
	if again := r.contain(func() error {
		explained = r.explainOnce(err)
		return nil
	}); again != nil {
		return r.explainOnce(again)
	}
	return explained
}

func (r *run) explainOnce(err error) error {
	switch e := any(err).(type) {
	case *js.InterruptedError:
		return r.stopped(e)
	case *js.StackOverflowError:
		return r.placedAt(r.overDepth(), e.Stack(), nil)
	case *js.Exception:
		return r.thrown(e)
	case *crash:
		return r.placedAt(fault.Wrap(e, fault.Internal, "the script engine failed"), nil, e)
	}
	return placed(err, r.call.Script.Field)
}

func (r *run) stopped(e *js.InterruptedError) error {
	if r.halted != nil {
		return r.placedAt(r.halted.fault, r.halted.frames, nil)
	}
	if e.Value() == stopCancelled {
		return cancelled(r.ctx)
	}
	return r.placedAt(r.overtime(), e.Stack(), nil)
}

func (r *run) overtime() *fault.Fault {
	return fault.New(fault.LimitExceeded, "the script ran longer than %s", r.limits.ScriptTime).OverLimit(limitTime)
}

func cancelled(ctx context.Context) error {
	return fault.Wrap(context.Cause(ctx), fault.Cancelled, "the run was cancelled")
}

// thrown is what a script threw and nobody caught: the host's own fault, or a
// failure of the script.
func (r *run) thrown(e *js.Exception) error {
	if obj, ok := e.Value().(*js.Object); ok {
		if f, ok := r.faults[obj]; ok {
			if r.ctx.Err() == nil && !time.Now().Before(r.deadline) {
				f = r.overtime() // which is why the host gave up
			}
			return r.placedAt(f, e.Stack(), f)
		}
	}
	message := "the script threw a value that cannot be shown"
	if ex := r.vm.Try(func() { message = r.describe(e.Value()) }); ex != nil {
		message = "the script threw a value whose description throws"
	}
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "..."
	}
	return r.placedAt(fault.New(fault.ScriptFailed, "%s", message), e.Stack(), nil)
}

// describe is what was thrown, as its author would recognise it.
func (r *run) describe(v js.Value) string {
	if obj, ok := v.(*js.Object); ok && obj.ClassName() != "Error" {
		return "uncaught " + r.inspect(v)
	}
	if obj, ok := v.(*js.Object); ok {
		return obj.String()
	}
	return "uncaught " + textForThrown(v)
}

func textForThrown(v js.Value) string {
	if v == nil || js.IsUndefined(v) {
		return "undefined"
	}
	return v.String()
}
