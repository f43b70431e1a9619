// Package cli is the command line of nflow: what each command takes, prints and
// exits with.
//
// It refuses to hold behaviour that a server would need too: that is the
// application's.
package cli
