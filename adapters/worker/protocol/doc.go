// Package protocol is how a server and its worker processes talk: frames with a
// length and a kind, over one pipe in each direction, with fields as length
// prefixed bytes and variable length integers.
//
// Both ends are the same binary, so there are no versions. Neither end trusts
// the other's bytes: every length is checked against what is there. The package
// refuses to know what the messages are for.
package protocol
