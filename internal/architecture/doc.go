// Package architecture checks the module against the rooms table of
// ARCHITECTURE.md: who may import what, where goroutines start, and which
// package variables exist.
//
// It reads syntax only. It refuses to know any room by name: the table is the
// whole rule, so changing the architecture is changing the document.
package architecture
