// Package trail is a small piece of memory that a worker process and its server
// share: the worker writes where its script is, and the server can still read it
// after it had to kill the worker.
//
// It refuses to be a channel: it holds one place, and only a dead worker's is
// certain.
package trail
