//go:build unix

// Package redistest gives tests private Redis servers: own folder, own port on
// 127.0.0.1, own random password, gone when the test process is gone. They stop
// and restart at the same address, hang on demand, speak TLS, and come as a master
// with a replica and a Sentinel, or as a cluster.
//
//	func TestCache(t *testing.T) {
//		server := redistest.Shared(t) // one for the process: use a key prefix of your own
//		open(server.Addr(), server.Password())
//	}
//
// It refuses to use a server somebody else started, and to skip silently: a
// missing redis-server fails the test. NFLOW_TEST_NO_REDIS=1 asks for a skip, and
// is ignored when CI is set.
//
// # Nothing stays behind
//
// As in package pgtest, each server has a watchdog: a shell in its own session
// that waits on a pipe whose other end only the test process holds. The kernel
// closes that end however the process ends; the shell then kills the server and
// removes its folder.
package redistest
