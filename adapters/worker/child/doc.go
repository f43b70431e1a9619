// Package child is the inside of a worker process: it runs the scripts its
// parent sends, one at a time, and asks the parent for everything else.
//
// It refuses to touch the world: its only ways out are the two pipes it was
// given, and its life ends with them.
package child
