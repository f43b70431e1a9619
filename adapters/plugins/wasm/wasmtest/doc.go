// Package wasmtest assembles WebAssembly modules byte by byte, for tests that
// need one which no compiler would make.
//
// It refuses to check what it assembles: being wrong is its purpose.
package wasmtest
