//go:build unix

package pgtest

import (
	"os"
	"sync"
	"testing"
)

// shared is the server that all calls of DSN in this process use.
var shared struct { //nolint:gochecknoglobals // one server per process is the point, and a process has no better place to keep it
	once   sync.Once
	server *Server
	err    error
}

// DSN returns the URL of a fresh, empty database on a server shared by the
// test process. The database is dropped when the test ends.
func DSN(tb testing.TB) string {
	tb.Helper()
	requirePostgres(tb)
	shared.once.Do(func() { shared.server, shared.err = start(plain) })
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.server.DSN(tb)
}

// Start starts a server for one test, to be stopped and restarted at will. It
// is removed when the test ends.
func Start(tb testing.TB) *Server {
	tb.Helper()
	return startWith(tb, plain)
}

func startWith(tb testing.TB, prepare func(*Server) error) *Server {
	tb.Helper()
	requirePostgres(tb)
	s, err := start(prepare)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.remove)
	return s
}

// Main runs the tests and removes the shared server before the process exits.
// Without it the watchdog does so a moment after.
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	if shared.server != nil {
		shared.server.remove()
	}
	os.Exit(code)
}

// requirePostgres skips the test if that was asked for outside of CI.
func requirePostgres(tb testing.TB) {
	tb.Helper()
	if os.Getenv("NFLOW_TEST_NO_POSTGRES") == "1" && !underCI() {
		tb.Skip("pgtest: NFLOW_TEST_NO_POSTGRES=1")
	}
}

func underCI() bool {
	ci := os.Getenv("CI")
	return ci != "" && ci != "false" && ci != "0"
}
