// Package python holds the module for plugins in Python, for programs that make
// projects of it.
//
// It refuses to be used by plugins in Go.
package python

import "embed"

// Files is nflow_plugin.py.
//
//go:embed nflow_plugin.py
var Files embed.FS
