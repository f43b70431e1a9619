// Package payload is the data that moves through a run: an immutable JSON value
// that stays in its encoded form until somebody reads a part of it.
//
// It refuses to mutate: every change returns a new value. It knows JSON only;
// what the values mean belongs to the nodes.
package payload
