// Package system implements the ports that need nothing but the machine: the
// clock, unguessable names, password hashes and the one directory that scripts
// may use.
//
// It refuses to decide who may use them, to follow a file name out of that
// directory, and to spend more memory on hashing than its configuration allows.
package system
