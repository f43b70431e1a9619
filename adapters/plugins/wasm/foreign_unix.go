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
