// Package ports names what the core needs from the world and what it offers to
// it, as small interfaces. Conformance suites live beside it: every
// implementation of a port with state runs the same suite.
//
// It refuses to hold behaviour: only interfaces and the records they exchange.
package ports
