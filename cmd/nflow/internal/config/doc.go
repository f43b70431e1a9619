// Package config is the whole configuration of nflow: a TOML file, environment
// variables over it, command line flags over both, and every fault in any of
// them reported at once with its place.
//
// Each key is declared once, as a field with tags: its name, default, bounds and
// meaning. Decoding, checking, the environment's names and the reference in
// docs/configuration.md all read those tags.
//
// It refuses to read the process environment, to open connections, to ignore
// what it does not know and to repeat a secret in an error.
package config
