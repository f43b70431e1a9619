//go:build unix

package confine

import (
	"os"
	"runtime"
	"syscall"
)

// causeBySignal reads the signals the kernel and people kill with. SIGABRT is
// left to what was printed: C's runtime aborts when it lacks memory.
func causeBySignal(state *os.ProcessState) Cause {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return ""
	}
	switch status.Signal() {
	case syscall.SIGKILL:
		return Killed
	case syscall.SIGSYS:
		return Denied
	default:
		return ""
	}
}

// maxrssUnit is in what the system counts a process's memory: bytes on
// Darwin, kilobytes elsewhere.
func maxrssUnit() int64 {
	if runtime.GOOS == "darwin" {
		return 1
	}
	return 1 << 10
}

// PeakMemory is how many bytes of real memory a process used at most, once it
// is gone; 0 when the system does not say. It includes pages shared with
// others, such as the program itself.
func PeakMemory(state *os.ProcessState) int64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return int64(usage.Maxrss) * maxrssUnit() //nolint:unconvert // 32 bits on some systems
}
