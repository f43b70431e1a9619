package wasm

import (
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundProcess limits memory (as address space, of which Go takes 64 MiB at a
// time), processor time and core dumps of this process.
func boundProcess(o CompileOptions) error {
	limits := map[int]uint64{unix.RLIMIT_CORE: 0}
	if o.CPUSeconds > 0 {
		limits[unix.RLIMIT_CPU] = uint64(o.CPUSeconds)
	}
	if o.MemoryBytes > 0 && !raceDetector {
		used, err := addressSpace()
		if err != nil {
			return err
		}
		limits[unix.RLIMIT_AS] = used + uint64(o.MemoryBytes)
	}
	for resource, limit := range limits {
		if err := unix.Prlimit(0, resource, &unix.Rlimit{Cur: limit, Max: limit}, nil); err != nil {
			return fmt.Errorf("limit %d: %w", resource, err)
		}
	}
	return nil
}

// addressSpace is what RLIMIT_AS counts: the first number of statm, in pages.
func addressSpace() (uint64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("cannot tell how much memory is in use, is /proc mounted? %w", err)
	}
	var pages uint64
	if _, err := fmt.Fscan(strings.NewReader(string(text)), &pages); err != nil {
		return 0, fmt.Errorf("/proc/self/statm: %w", err)
	}
	return pages * uint64(os.Getpagesize()), nil
}

// childAttributes make a process group of the child, killed when the thread that
// started it ends.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killGroup ends a child and whatever it started.
func killGroup(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // it may be gone already
}
