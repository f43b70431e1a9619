//go:build unix && !linux

package system

import (
	"io/fs"
	"syscall"
)

func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func executable(info fs.FileInfo) bool { return info.Mode()&0o111 != 0 }

func killGroup(id int) { _ = syscall.Kill(-id, syscall.SIGKILL) } // it may have ended

// awaitExit cannot wait without forgetting the process here.
func awaitExit(int) bool { return false }

func reapGroup(int) {}

func keepDescriptors() {}
