//go:build !unix

package wasm

import "io/fs"

// foreign cannot tell here; the directory's own rights must do.
func foreign(fs.FileInfo) bool { return false }

// replaceable cannot tell here either.
func replaceable(fs.FileInfo) bool { return false }
