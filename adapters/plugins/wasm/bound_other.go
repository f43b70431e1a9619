//go:build !linux

package wasm

import (
	"os"
	"syscall"
)

// boundProcess leaves memory to the collector's limit here, and time to the
// parent.
func boundProcess(CompileOptions) error { return nil }

func childAttributes() *syscall.SysProcAttr { return nil }

func killGroup(p *os.Process) {
	_ = p.Kill() // it may be gone already
}
