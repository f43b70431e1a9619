package goja

import (
	"runtime"

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

// stackEvery is how many operations pass between two looks at the stack.
const stackEvery = 1024

// lookAround ends a run that has gone too far, and says when to look again.
func (r *run) lookAround() {
	if r.operations > r.limits.Operations {
		r.halt(fault.New(fault.LimitExceeded, "the script made more than %d loop turns and calls", r.limits.Operations).
			OverLimit(limitOperations))
	}
	r.checkStack()
	r.look = r.operations + min(stackEvery, r.limits.Operations-r.operations+1)
}

// checkStack ends a run whose native recursion the engine does not count, such
// as generators that delegate to one another without end: it would use up the
// stack, which ends the process.
func (r *run) checkStack() {
	const framesOfCall = 30 // of Go, for one call through native code; seldom half as many
	var deeper [1]uintptr
	if runtime.Callers(r.limits.CallDepth*framesOfCall+10*stackEvery, deeper[:]) > 0 {
		r.halt(r.overDepth())
	}
}

func (r *run) overDepth() *fault.Fault {
	return fault.New(fault.LimitExceeded, "more than %d nested calls", r.limits.CallDepth).OverLimit(limitCallDepth)
}

// countHostCall counts what leaves the engine for the host.
func (r *run) countHostCall() {
	if r.hostCalls++; r.hostCalls > r.limits.HostCalls {
		r.halt(fault.New(fault.LimitExceeded, "the script made more than %d calls of the runtime's functions", r.limits.HostCalls).
			OverLimit(limitHostCalls))
	}
}
