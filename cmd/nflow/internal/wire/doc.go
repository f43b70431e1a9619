// Package wire puts adapters behind ports, in straight lines, as the
// configuration says.
//
// It refuses to decide anything else.
package wire
