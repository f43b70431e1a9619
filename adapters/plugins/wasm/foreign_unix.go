//go:build unix

package wasm

import (
	"io/fs"
	"os"
	"syscall"
)

// foreign reports whether others than this user can write into a directory.
func foreign(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(stat.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0
}

// replaceable reports whether others than this user and the system's can rename
// what is in a directory; a sticky one keeps them from each other's entries.
func replaceable(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok, stat.Uid != 0 && int(stat.Uid) != os.Geteuid():
		return true
	}
	return info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0
}
