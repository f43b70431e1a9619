//go:build !unix

package system

import (
	"io/fs"
	"os"
	"syscall"
)

// There are no process groups here: only the program itself is ended.
func ownGroup() *syscall.SysProcAttr { return nil }

func executable(fs.FileInfo) bool { return true }

func killGroup(id int) {
	if p, err := os.FindProcess(id); err == nil {
		_ = p.Kill() // it may have ended
	}
}

func awaitExit(int) bool { return false }

func reapGroup(int) {}

func keepDescriptors() {}
