// Package fault is the vocabulary of failure: every error that crosses a room
// of the runtime is a *Fault with a stable code and the place it happened.
//
// It refuses to know how a fault is shown: HTTP statuses, exit codes and log
// lines are chosen by the adapter that stands at that border.
package fault
