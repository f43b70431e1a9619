// Package http is the border where HTTP requests enter the runtime: the fixed
// API, health and metrics, and every endpoint that a workflow declares. It turns
// requests into calls of the driving ports and their answers and faults into
// responses, among them the one table from fault codes to statuses.
//
// It refuses to decide: which workflow owns a path, who may do what and what a
// document means are questions for the ports. It never hands a request on before
// its body is read and bounded, and never shows a client the cause of an
// internal fault.
//
// The package is named like the standard library's because it is named after
// what it fences; inside it, http means net/http as everywhere in Go. Whoever
// imports both gives this one another name.
package http
