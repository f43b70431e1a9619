// Package telemetry tells operators what the runtime does: metrics in the
// Prometheus text format and log lines.
//
// It refuses to use the metrics library's global set, to make a series for
// every value a client can invent, to allocate where a request passes by, and
// to let text from a client start a new log line.
package telemetry
