package goja

import (
	"math"

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

// filled is the limits with the default where one is not set: no script runs
// without bounds by oversight.
func filled(l policy.Limits) policy.Limits {
	d := policy.DefaultLimits()
	if l.ScriptTime <= 0 {
		l.ScriptTime = d.ScriptTime
	}
	if l.CallDepth <= 0 {
		l.CallDepth = d.CallDepth
	}
	if l.PayloadBytes <= 0 {
		l.PayloadBytes = d.PayloadBytes
	}
	if l.LogLines <= 0 {
		l.LogLines = d.LogLines
	}
	if l.LogBytes <= 0 {
		l.LogBytes = d.LogBytes
	}
	if l.HostCalls <= 0 {
		l.HostCalls = d.HostCalls
	}
	if l.Operations <= 0 {
		l.Operations = math.MaxInt
	}
	return l
}
