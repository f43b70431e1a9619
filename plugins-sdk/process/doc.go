// Package process carries frames to and from plugins that are processes, with
// hashicorp/go-plugin over gRPC: the handshake both sides share, the server a
// plugin runs, and the client nFlow runs.
//
// It refuses to know what a plugin does, and to start, limit or kill processes:
// the first is for package plugin, the second for nFlow.
package process
