//go:build !linux

package confine

import "syscall"

// ProcAttr returns how the parent starts a child: on this system, like any
// other process. Children end because their connection closes.
func ProcAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// Env is what the environment of a child begins with; nothing here.
func Env() []string { return nil }
