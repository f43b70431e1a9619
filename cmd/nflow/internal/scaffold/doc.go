// Package scaffold begins plugin projects and builds them: what `nflow plugin new`
// and `nflow plugin build` do.
//
// It refuses to overwrite files of an author, to load what it built, and to
// install tools: it says which are missing.
package scaffold
