// Package policy holds what a run is allowed to do and how much: limits,
// feature switches and which network addresses may be reached.
//
// It refuses to measure or to act: it answers yes or no, with a reason that
// names the setting to change.
package policy
