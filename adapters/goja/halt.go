package goja

import (
	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// halt is why a run was stopped from within, and where it was.
type halt struct {
	fault  *fault.Fault
	frames []js.StackFrame
}

// halt ends the run at once: what it panics with passes every catch, finally,
// iterator and promise of the script. It must be called from native code that
// the script called.
func (r *run) halt(f *fault.Fault) {
	if r.halted == nil {
		r.halted = &halt{fault: f, frames: r.vm.CaptureCallStack(0, nil)}
	}
	panic(&js.InterruptedError{})
}

func (r *run) overOperations() {
	r.halt(fault.New(fault.LimitExceeded, "the script made more than %d loop turns and calls", r.limits.Operations).
		OverLimit(limitOperations))
}

// countHostCall counts what leaves the engine for the host.
func (r *run) countHostCall() {
	if r.hostCalls++; r.hostCalls > r.limits.HostCalls {
		r.halt(fault.New(fault.LimitExceeded, "the script made more than %d calls of the runtime's functions", r.limits.HostCalls).
			OverLimit(limitHostCalls))
	}
}
