// Package attack is a corpus of hostile scripts and what runs it against a
// script engine: each script tries to outlive its limits, to reach what no
// script may reach, or to harm the runs beside it.
//
// It refuses to touch the world: its host answers every call from memory. It
// knows no engine; what holds an engine's limits is the engine's business.
package attack
