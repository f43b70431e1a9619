// Package kit tries a plugin as an author's first users would, and as its
// enemies would: with its own examples, with garbage, at its limits and many
// times at once. Each case has a name, and says what to mend when it fails.
//
// It refuses to know how plugins are run, and to grant anything: its hosts are
// made of values.
package kit
