// Package doctor examines an installation: its configuration, what it reaches,
// the machine it is on, and how well its script engine holds hostile scripts.
//
// It refuses to change anything, and to read flags: it is told what to look at
// and answers with findings.
package doctor
