package goja

import (
	"math"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// The limits this engine enforces, by the configuration key that sets them.
const (
	limitOperations = "vm_pool.max_operations"
	limitLogLines   = "limits.max_log_lines"
	limitLogBytes   = "limits.max_log_bytes"
	limitHostCalls  = "limits.max_host_calls"
	limitPayload    = "limits.max_payload_bytes"
	limitTime       = "vm_pool.max_execution_seconds"
	limitCallDepth  = "limits.max_call_depth"
)

// filled is the limits as the engine counts with them.
func filled(l policy.Limits) policy.Limits {
	l = l.Filled()
	if l.Operations <= 0 {
		l.Operations = math.MaxInt
	}
	return l
}

// overSize is the fault of something that is larger than a payload may be.
func (r *run) overSize(what string) *fault.Fault {
	return fault.New(fault.LimitExceeded, "%s: more than %d bytes", what, r.limits.PayloadBytes).OverLimit(limitPayload)
}

// tooLarge says what was too large; other errors it leaves as they are.
func (r *run) tooLarge(err error, what string) error {
	if f := fault.As(err); f.Limit == limitPayload {
		return r.overSize(what)
	}
	return err
}
