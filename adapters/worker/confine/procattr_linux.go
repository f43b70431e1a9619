package confine

import "syscall"

// ProcAttr returns how the parent starts a child: in a process group of its
// own, killed when the parent dies. It is no session of its own: Linux shares the
// processors among sessions first, so that priorities would mean nothing
// between children.
//
// Linux ties the last to the parent's thread, not its process: the goroutine
// that starts children must have called runtime.LockOSThread and must live as
// long as they do, or they die when its thread ends.
//
// A parent that is root passes no Credential: starting a program as another
// user needs a binary that user may reach and execute, which one under /root
// is not. Apply gives root up in the child instead, before any script.
func ProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// Env is what the environment of a child begins with: glibc reserves address
// space for each thread that uses C's heap, which would count against the
// memory limit; with one arena they share.
func Env() []string { return []string{"MALLOC_ARENA_MAX=1"} }
