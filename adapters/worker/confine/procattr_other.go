//go:build !linux

package confine

import "syscall"

// ProcAttr returns how the parent starts a child: on this system, like any
// other process. Children end because their connection closes.
func ProcAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
