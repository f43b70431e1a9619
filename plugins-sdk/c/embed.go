// Package c holds the header for plugins in C, for programs that make projects
// of it.
//
// It refuses to be used by plugins in Go.
package c

import "embed"

// Files is nflow.h.
//
//go:embed nflow.h
var Files embed.FS
