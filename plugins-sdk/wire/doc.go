// Package wire is the contract between nFlow and its plugins, as Go types: the
// headers of calls and answers, and the frame that carries them. Every transport
// and every language speaks these; ABI.md says the same in words.
//
// It refuses to move bytes: that is for transports.
package wire
