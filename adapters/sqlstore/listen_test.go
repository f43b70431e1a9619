package sqlstore_test

import (
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// hears waits until a channel gets something.
func hears(t *testing.T, heard <-chan struct{}, why string) {
	t.Helper()
	select {
	case <-heard:
	case <-time.After(30 * time.Second):
		t.Fatalf("nothing was heard: %s", why)
	}
}

func publishA(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	if _, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, ports.AnyVersion); err != nil {
		t.Fatal(chain(err))
	}
}

func TestHeard(t *testing.T) {
	server := pgtest.Start(t)
	config := sqlstore.Config{Driver: sqlstore.Postgres, DSN: server.DSN(t), PreparedStatements: true}
	publisher := open(t, config)
	running := goleak.IgnoreCurrent()
	follower, err := sqlstore.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	listening := func() []string {
		return column(t, publisher.Writer(), "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
	}
	if n := len(listening()); n > 0 {
		t.Errorf("%d connections listen and nobody asked", n)
	}
	heard := follower.Heard()
	if follower.Heard() != heard {
		t.Error("there are two channels")
	}
	hears(t, heard, "the connection counts")
	publishA(t, publisher)
	hears(t, heard, "somebody published")
	_, err = publisher.Put(t.Context(), ports.Workflow{ID: "a"}, 99) // refused: nothing is announced
	if err == nil {
		t.Error("published over another version")
	}
	for range 100 { // nobody takes them: that must hold up nobody
		publishA(t, publisher)
	}
	hears(t, heard, "somebody published")

	server.Restart(t)
	for len(listening()) == 0 {
		runtime.Gosched()
	}
	hears(t, heard, "the connection is back")
	publishA(t, publisher)
	hears(t, heard, "somebody published after the restart")
	if n := len(listening()); n != 1 {
		t.Errorf("%d connections listen", n)
	}
	if err := follower.Close(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, running,
		goleak.IgnoreAnyFunction("github.com/arturoeanton/nflow-runtime/internal/pgtest.(*Server).launch.func1"))
}

// TestListenerEndsAnyhow closes a store whose server is stopped, or silent.
func TestListenerEndsAnyhow(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN(t)
	for name, away := range map[string]func(testing.TB){"stopped": server.Stop, "silent": server.Pause} {
		t.Run(name, func(t *testing.T) {
			server.Restart(t)
			running := goleak.IgnoreCurrent()
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: sqlstore.Postgres, DSN: dsn})
			if err != nil {
				t.Fatal(err)
			}
			hears(t, s.Heard(), "the connection counts")
			away(t)
			began := time.Now()
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("closing took %s", took)
			}
			goleak.VerifyNone(t, running)
		})
	}
}

// TestListenerOfADeadServer is a store that never had a connection that listens.
func TestListenerOfADeadServer(t *testing.T) {
	server := pgtest.Start(t)
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: sqlstore.Postgres, DSN: server.DSN(t)})
	if err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	heard := s.Heard()
	server.Restart(t)
	hears(t, heard, "the server came")
	server.Pause(t)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestSQLiteSaysNothing(t *testing.T) {
	if open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: ":memory:"}).Heard() != nil {
		t.Error("there is a channel")
	}
}
