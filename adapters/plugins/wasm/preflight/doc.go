// Package preflight judges a WebAssembly module before anything else reads it:
// whether it is a plugin at all, whether it keeps within limits, and where its
// author went wrong. It also rewrites the module, so that no table can grow
// without bounds and no function can run for ever without being asked whether
// it may (see Check).
//
// It refuses to prove a module valid, which the compiler does, and to run one.
package preflight
