// Package run is the state machine of a run: given a graph, a state and what
// just happened, it says what is to be done next.
//
// It refuses to do anything itself: no clock, no randomness, no waiting. The same
// graph, state and event always give the same state and effects, so a run can be
// recorded, replayed and tested as data.
package run
