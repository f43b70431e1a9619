//go:build !linux

package process

import (
	"os/exec"
	"syscall"
)

// procAttr is empty: on this system a plugin notices that we are gone when its
// connection ends.
func procAttr() *syscall.SysProcAttr { return nil }

// awaitEnd returns when a child has ended.
func awaitEnd(cmd *exec.Cmd) {
	_ = cmd.Wait() // how it ended is in ProcessState
}

// killGroup ends the process alone.
func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill() // it may be gone
}

// limits are not kept on this system.
type limits struct {
	memory, base int64
	threads      int
}

func (limits) begin(int) error { return nil }
func (limits) ready(int)       {}

// killOrphans finds none on this system.
func killOrphans(string) {}

// usage is what a process takes; only that there is one is known.
type usage struct {
	processes         int
	resident, private int64
}

func usageOf(int) usage { return usage{processes: 1} }
