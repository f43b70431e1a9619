// Package confine takes from a child process of our own binary everything a
// script's engine does not need: files, network, other processes, privileges,
// new descriptors and memory beyond a limit. The child calls WarmUp, then
// Apply, then runs scripts; the parent starts it with ProcAttr and reads what
// a dead child left behind with CauseOf.
//
// The order matters. What must be opened (time zones, the network poller,
// the shared memory's mapping) is opened before Apply; nothing can be after.
// Apply binds every thread of the process and cannot be undone.
//
// The package refuses to start or stop processes, to speak any protocol, and
// to decide whether an incomplete confinement is good enough: it reports.
package confine
