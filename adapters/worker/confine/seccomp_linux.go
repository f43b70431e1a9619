//go:build linux && (amd64 || arm64)

package confine

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// filterCalls installs the filter on all threads in one step; the kernel
// gives it to threads made later as well.
func filterCalls() error {
	raw, err := bpf.Assemble(program(os.Getpid()))
	if err != nil {
		return fmt.Errorf("cannot assemble the filter: %w", err)
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, in := range raw {
		filter[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	// Without no_new_privs on this thread the kernel refuses filters.
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot refuse new privileges: %w", err)
	}
	return loadFilter(&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
}

// loadFilter hands the filter to the kernel. When some thread has a filter
// this one lacks, the call succeeds for none and returns that thread's id
// instead of an error.
func loadFilter(program *unix.SockFprog) error {
	thread, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(program))) //nolint:gosec // the call takes an address
	switch {
	case errno == unix.ENOSYS || errno == unix.EINVAL:
		return errors.New("the kernel has no seccomp filters: it needs Linux 4.14 with CONFIG_SECCOMP_FILTER")
	case errno != 0:
		return fmt.Errorf("cannot load the filter: %w", errno)
	case thread != 0:
		return fmt.Errorf("thread %d has filters of its own", thread)
	}
	return nil
}
