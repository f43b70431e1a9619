package attack

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Ending is how a script came to its end.
type Ending string

// The endings that are in order: a limit, an ordinary error, or a result that
// does no harm.
const (
	ByTime       Ending = "time"
	ByOperations Ending = "operations"
	ByMemory     Ending = "memory"
	ByDepth      Ending = "depth"
	ByPayload    Ending = "payload"
	ByLog        Ending = "log"
	ByCalls      Ending = "calls"
	ByError      Ending = "error"
	Harmless     Ending = "ok"
)

// The endings that are not.
const (
	Endless   Ending = "endless"   // it did not end
	Escaped   Ending = "escaped"   // it got what it must not get
	Broken    Ending = "broken"    // the engine failed, not the script; contained, but a mistake of ours
	Died      Ending = "died"      // the process that served it died
	Cancelled Ending = "cancelled" // by us, before the attack said anything
)

func endings() []Ending {
	return []Ending{ByTime, ByOperations, ByMemory, ByDepth, ByPayload, ByLog, ByCalls, ByError, Harmless, Broken}
}

// ByLimit is the ending that a limit means, by its configuration key.
func ByLimit(key string) Ending {
	switch key {
	case "vm_pool.max_execution_seconds":
		return ByTime
	case "vm_pool.max_operations":
		return ByOperations
	case "vm_pool.max_memory_mb":
		return ByMemory
	case "limits.max_call_depth":
		return ByDepth
	case "limits.max_payload_bytes":
		return ByPayload
	case "limits.max_log_lines", "limits.max_log_bytes":
		return ByLog
	case "limits.max_host_calls":
		return ByCalls
	}
	return Broken
}

// endingOf judges what Run returned.
func endingOf(err error) Ending {
	switch f := fault.As(err); {
	case f == nil:
		return Harmless
	case f.Code == fault.LimitExceeded:
		return ByLimit(f.Limit)
	case f.Code == fault.Cancelled:
		return Cancelled
	case f.Code == fault.Internal, f.Code == fault.Unavailable:
		return Broken
	}
	return ByError
}
