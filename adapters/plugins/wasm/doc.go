// Package wasm runs plugins that are WebAssembly modules inside this process,
// with wazero. A module is hostile until it has proved otherwise: it is judged
// and rewritten (package preflight), compiled in a child that may be killed, and
// every call has a deadline and so much memory.
//
// Calls use a pool of instances, one each. What a guest keeps in its globals and
// memory is there when the same instance is called again, as with a process;
// which instance a call gets is nobody's business. After a trap, an exit or a
// missed deadline the instance is thrown away, as its state may be anything.
// Besides its memory an instance may use up to 130 MB for its calls, as deep as
// the compiler lets them nest.
//
// It refuses to give guests a network, arguments, the environment of this
// process, or files that were not granted.
package wasm
