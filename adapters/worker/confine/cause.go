package confine

import (
	"os"
	"regexp"
	"strings"
)

// Cause is why a child is dead.
type Cause string

// The causes CauseOf tells apart. Killed does not say by whom: the parent
// knows whether it was the parent; otherwise it was the kernel, short of
// memory, or an operator.
const (
	Exited        Cause = "exited"         // it ended by itself, without error
	OutOfMemory   Cause = "out_of_memory"  // it wanted more than Config.MemoryBytes
	StackOverflow Cause = "stack_overflow" // a goroutine recursed too deeply
	Killed        Cause = "killed"         // somebody sent SIGKILL
	Denied        Cause = "denied"         // it made a system call only an escape would make
	Crashed       Cause = "crashed"        // anything else
)

// CauseOf tells why a child died from the end of its standard error and the
// state Wait returned. A few kilobytes from the first line that begins with
// "fatal error:" or "runtime" are enough; a traceback may follow.
func CauseOf(stderr string, state *os.ProcessState) Cause {
	if cause := causeBySignal(state); cause != "" {
		return cause
	}
	if state.Success() {
		return Exited
	}
	for line := range strings.Lines(stderr) {
		if cause := causeByLine(strings.TrimSpace(line)); cause != "" {
			return cause
		}
	}
	if runtimeFault.MatchString(stderr) {
		return OutOfMemory
	}
	return Crashed
}

// causeByLine knows how Go's runtime, and C's for it, say that they cannot go
// on. Only whole beginnings of lines count.
func causeByLine(line string) Cause {
	for _, begins := range []string{
		"fatal error: out of memory",                            // a big block, a heap arena
		"fatal error: runtime: out of memory",                   // making reserved pages usable
		"fatal error: runtime: cannot allocate memory",          // the runtime's own tables
		"fatal error: runtime: cannot map pages",                // a new arena
		"fatal error: failed to allocate aligned heap memory",   // a new arena
		"fatal error: runtime: failed to create new OS thread",  // a thread's stack, without C
		"runtime/cgo: pthread_create failed: Resource tempora",  // a thread's stack
		"runtime/cgo: pthread_create failed: Cannot allocate m", // the same
		"runtime/cgo: out of memory",                            // C's heap
		"runtime: out of memory:",                               // how many bytes, before the first
	} {
		if strings.HasPrefix(line, begins) {
			return OutOfMemory
		}
	}
	if strings.HasPrefix(line, "fatal error: stack overflow") {
		return StackOverflow
	}
	return ""
}

// runtimeFault is a fault near address 0 outside Go code. The collector does
// not check all allocations of its own (Go 1.26: those of its span queues) and
// then follows a nil pointer. A nil pointer in Go code panics, which reads
// otherwise, so lack of memory is what remains.
var runtimeFault = regexp.MustCompile(`(?m)^SIGSEGV: segmentation violation\nPC=0x[0-9a-f]+ m=\d+ sigcode=1 addr=0x[0-9a-f]{1,5}$` +
	`|^fatal error: unexpected signal during runtime execution\n\[signal SIGSEGV: segmentation violation code=0x1 addr=0x[0-9a-f]{1,5} `)
