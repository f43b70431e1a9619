// Package files reads plugins from disk: the artifact, the manifest beside it
// and the signature, if there is one.
//
// It refuses to run or to judge what it reads, to write, to read what is no
// regular file, and to read without end.
package files
