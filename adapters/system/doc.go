// Package system implements the ports that need nothing but the machine: the
// clock, unguessable names, password hashes, the one directory that scripts may
// use and the programs that they may start.
//
// It refuses to decide who may use them, to follow a file name out of that
// directory, to start what its configuration does not list or to let it go on
// after its call, and to spend more memory on hashing than its configuration
// allows.
package system
