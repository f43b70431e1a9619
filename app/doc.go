// Package app holds the use cases: publishing workflows, running them, and the
// one funnel through which a run touches the world.
//
// It refuses to name a vendor: everything outside is a port.
package app
