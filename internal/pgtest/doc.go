//go:build unix

// Package pgtest gives tests a private PostgreSQL server: own data folder, own
// port on 127.0.0.1, own random password, gone when the test process is gone.
//
//	func TestStore(t *testing.T) {
//		store := open(pgtest.DSN(t)) // a fresh, empty database
//	}
//
// A server of a test's own (Start, StartTLS) can be stopped, restarted, and
// paused, so that it is silent but there.
//
// It refuses to use a server somebody else started, and to skip silently: a
// missing PostgreSQL fails the test. NFLOW_TEST_NO_POSTGRES=1 asks for a skip,
// and is ignored when CI is set.
//
// # Nothing stays behind
//
// Go gives no hook that runs when a test process is killed, and a parent-death
// signal is bound to an operating system thread, exists on Linux only and
// cannot remove a folder. So each server has a watchdog: a shell in its own
// session that waits on a pipe whose other end only the test process holds.
// The kernel closes that end however the process ends; the shell then stops
// the server and removes its folder.
package pgtest
