// Package goja runs scripts on the goja JavaScript engine: it is an
// implementation of ports.ScriptEngine. Every run gets a runtime of its own;
// only compiled programs are kept between runs. Payloads cross the border as
// JSON through a one-pass bridge that behaves like JSON.parse and
// JSON.stringify.
//
// It refuses to do I/O of its own (everything a script reaches goes through
// ports.Host), to hand Go values to scripts, and to evaluate text as code. It
// cannot stop native code of the engine that runs long or allocates much; that
// is what a process of its own is for.
package goja
