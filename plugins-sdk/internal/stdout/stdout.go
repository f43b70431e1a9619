package stdout

import "syscall"

// The environment variable by which nFlow starts plugins, and its value.
const (
	CookieKey   = "NFLOW_PLUGIN"
	CookieValue = "v1-6b0f5c1e9a"
)

// saved is the real standard output; -1 when it was not taken away. It is a
// package variable because only those are initialised before a plugin's own.
var saved = take()

// Saved is the descriptor of the real standard output, and whether there is one.
func Saved() (uintptr, bool) { return uintptr(saved), saved >= 0 }

// Started reports whether nFlow started this process as a plugin.
func Started() bool {
	value, _ := syscall.Getenv(CookieKey)
	return value == CookieValue
}
