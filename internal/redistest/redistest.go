//go:build unix

package redistest

import (
	"os"
	"sync"
	"testing"
)

// shared is the server that all calls of Shared in this process get.
var shared struct { //nolint:gochecknoglobals // one server per process is the point, and a process has no better place to keep it
	once   sync.Once
	server *Server
	err    error
}

// Shared returns a server that all tests of the process use. Nobody stops it, and
// each test has keys of its own.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	requireRedis(tb)
	shared.once.Do(func() { shared.server, shared.err = start(Options{}) })
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	return shared.server
}

// Start starts a server for one test, to be stopped, paused and restarted at will.
// It is removed when the test ends.
func Start(tb testing.TB, options ...Options) *Server {
	tb.Helper()
	requireRedis(tb)
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	s, err := start(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.remove)
	return s
}

// Tests are the tests of a process; *testing.M is one.
type Tests interface{ Run() int }

// WithCleanup returns tests that remove the shared server after they ran. Without
// it the watchdog does so a moment after.
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(redistest.WithCleanup(m)) }
func WithCleanup(m Tests) Tests { return cleaner{m} }

type cleaner struct{ tests Tests }

func (c cleaner) Run() int {
	code := c.tests.Run()
	if shared.server != nil {
		shared.server.remove()
	}
	return code
}

// requireRedis skips the test if that was asked for outside of CI.
func requireRedis(tb testing.TB) {
	tb.Helper()
	if os.Getenv("NFLOW_TEST_NO_REDIS") == "1" && !underCI() {
		tb.Skip("redistest: NFLOW_TEST_NO_REDIS=1")
	}
}

func underCI() bool {
	ci := os.Getenv("CI")
	return ci != "" && ci != "false" && ci != "0"
}
