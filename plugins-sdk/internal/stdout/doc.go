// Package stdout takes the standard output away from a plugin's process before
// its code runs: the first line there is the handshake with nFlow, and whatever
// a library prints before it would break it. What is printed goes to the standard
// error, which nFlow logs.
//
// It imports next to nothing, so that it is initialised among the first. It
// refuses to do anything in a process that nFlow did not start as a plugin.
package stdout
