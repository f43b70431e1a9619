// Package calls turns what the application wants of a plugin into frames of the
// contract, and the frames that come back into results and faults. It stands
// before every transport.
//
// It refuses to know how frames travel.
package calls
