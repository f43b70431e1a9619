package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/storetest"
)

// TestRestartUnderLoad runs with and without prepared statements, as a restart
// takes those with it.
func TestRestartUnderLoad(t *testing.T) {
	for _, prepared := range []bool{true, false} {
		t.Run(fmt.Sprint("prepared ", prepared), func(t *testing.T) {
			server := pgtest.Start(t)
			s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: server.DSN(t), PreparedStatements: prepared})
			storetest.Outage(t, stores(s), func(t *testing.T) { server.Restart(t) })
		})
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: e.driver, DSN: e.fresh(t), PreparedStatements: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Workflow(t.Context(), "a", 0); fault.CodeOf(err) != fault.NotFound { // something is prepared
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		storetest.Closed(t, stores(s))
		if s.Heard() != nil {
			t.Error("a closed store listens")
		}
	})
}

// wantLate checks that a call ran into the limit, in time.
func wantLate(t *testing.T, limit time.Duration, call func() error) {
	t.Helper()
	began := time.Now()
	err := call()
	took := time.Since(began)
	wantFault(t, err, fault.Unavailable, "database_nflow.statement_timeout", limit.String(),
		"database_nflow.max_open_conns")
	if fault.As(err).RetryAfter != 1 {
		t.Errorf("advice to wait %d s", fault.As(err).RetryAfter)
	}
	if took < limit/2 || took > limit+5*time.Second { // the machine may be busy
		t.Errorf("took %s of %s", took, limit)
	}
}

func TestSilentServer(t *testing.T) {
	const limit = 300 * time.Millisecond
	for _, prepared := range []bool{true, false} {
		t.Run(fmt.Sprint("prepared ", prepared), func(t *testing.T) {
			server := pgtest.Start(t)
			config := sqlstore.Config{
				Driver: sqlstore.Postgres, DSN: server.DSN(t), MaxOpenConns: 2, StatementTimeout: time.Minute, PreparedStatements: prepared,
			}
			open(t, config) // the schema
			config.StatementTimeout = limit
			s := open(t, config)
			ctx := t.Context()
			_, err := s.Put(ctx, ports.Workflow{ID: "a"}, 0)
			if err != nil {
				t.Fatal(err)
			}
			server.Pause(t)
			for range 2 { // on a connection that was there, and while connecting
				wantLate(t, limit, func() error { _, err := s.Workflow(ctx, "a", 0); return err })
				wantLate(t, limit, func() error { _, err := s.Put(ctx, ports.Workflow{ID: "a"}, 1); return err })
			}
			wantLate(t, limit, func() error { _, err := sqlstore.Open(ctx, config); return err })

			mine, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			began := time.Now()
			_, err = s.Workflow(mine, "a", 0)
			wantFault(t, err, fault.Cancelled)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("a call with a context of 50 ms took %s", took)
			}
			server.Resume(t)
			for err := error(fault.New(fault.Unavailable, "")); err != nil && ctx.Err() == nil; { // it has a lot to catch up with
				err = s.Ping(ctx)
			}
			if n, err := s.Put(ctx, ports.Workflow{ID: "b"}, 0); n != 1 || err != nil {
				t.Errorf("after the pause: %d %v", n, chain(err))
			}
		})
	}
}

// TestSlowStatement is a server that works, but slowly.
func TestSlowStatement(t *testing.T) {
	const limit = 200 * time.Millisecond
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: pgtest.DSN(t), StatementTimeout: 30 * time.Second})
	exec(t, s.Writer(), "INSERT INTO queries (name, query) VALUES ('QueryGetTemplate', 'SELECT 1, $1::text, pg_sleep(20)::text')")
	dsn := s.DSN()
	for name, config := range map[string]sqlstore.Config{
		"the server's limit": {DSN: dsn, StatementTimeout: limit},
		"our limit":          {DSN: dsn + "&statement_timeout=30000", StatementTimeout: limit},
	} {
		t.Run(name, func(t *testing.T) {
			config.Driver = sqlstore.Postgres
			s := open(t, config)
			wantLate(t, limit, func() error { _, err := s.Template(t.Context(), "x"); return err })
		})
	}
}

// TestSlowSQLite is a statement that never ends.
func TestSlowSQLite(t *testing.T) {
	const limit = 200 * time.Millisecond
	e := engines()["sqlite"]
	config := sqlstore.Config{Driver: e.driver, DSN: e.fresh(t), StatementTimeout: limit, MaxOpenConns: 2}
	exec(t, open(t, config).Writer(), "INSERT INTO queries (name, query) VALUES ('QueryGetTemplate', "+
		"'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT 1, $1, count(*) FROM n')")
	s := open(t, config)
	for range 2 { // the connection is free again
		wantLate(t, limit, func() error { _, err := s.Template(t.Context(), "x"); return err })
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(chain(err))
	}
}

// TestNoFreeConnection: waiting for one counts, too.
func TestNoFreeConnection(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		const limit = 200 * time.Millisecond
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: e.fresh(t), MaxOpenConns: 1, StatementTimeout: limit})
		held, err := s.Writer().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		wantLate(t, limit, func() error { return s.PutTemplate(t.Context(), ports.Template{Name: "a"}) })
		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.PutTemplate(t.Context(), ports.Template{Name: "a"}); err != nil {
			t.Error(chain(err))
		}
	})
}

// TestLongWork may take longer than the rest, on the server, too.
func TestLongWork(t *testing.T) {
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: pgtest.DSN(t)})
	exec(t, s.Writer(), "INSERT INTO queries (name, query) VALUES "+
		"('QueryGetApps', 'SELECT ''slow'' AS name, ''{}'' AS json, pg_sleep(0.5)::text AS default_js')")
	s = open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: s.DSN(), StatementTimeout: 250 * time.Millisecond})
	if all, err := s.Active(t.Context()); len(all) != 1 || err != nil {
		t.Errorf("%v %v", all, chain(err))
	}
}

// TestLostConnection ends the connections of a store from outside.
func TestLostConnection(t *testing.T) {
	dsn := pgtest.DSN(t)
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: dsn, PreparedStatements: true})
	admin := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: dsn + "&application_name=admin"})
	for turn := range 3 {
		if n, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, turn); n != turn+1 || err != nil {
			t.Fatalf("turn %d: %d %v", turn, n, chain(err))
		}
		if _, err := s.Workflow(t.Context(), "a", 0); err != nil {
			t.Fatal(chain(err))
		}
		exec(t, admin.Writer(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nflow'")
	}
}

// TestRestartIsNotSeen: a server that is back at once costs nobody an answer.
func TestRestartIsNotSeen(t *testing.T) {
	server := pgtest.Start(t)
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: server.DSN(t)})
	if _, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 0); err != nil {
		t.Fatal(err)
	}
	server.Restart(t)
	if _, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 1); err != nil {
		t.Error(chain(err))
	}
	server.Stop(t)
	began := time.Now()
	_, err := s.Workflow(t.Context(), "a", 0)
	wantFault(t, err, fault.Unavailable, "does not answer")
	if took := time.Since(began); took < 100*time.Millisecond || took > 5*time.Second {
		t.Errorf("gave up after %s", took)
	}
}

// TestUnheardCommit: the server is gone when it should say that it has committed.
func TestUnheardCommit(t *testing.T) {
	for _, stored := range []bool{true, false} {
		t.Run(fmt.Sprint("stored ", stored), func(t *testing.T) {
			direct := pgtest.DSN(t)
			between := newProxy(t, direct)
			s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: between.dsn})
			before := between.seen("COMMIT")
			between.breakAt("COMMIT", stored)
			err := s.PutToken(t.Context(), ports.Token{Hash: "h"})
			wantFault(t, err, fault.Unavailable, "cannot store the token", "not known whether")
			if fault.As(err).RetryAfter != 0 {
				t.Error("advice to try again")
			}
			if n := between.seen("COMMIT") - before; n != 1 {
				t.Errorf("%d commits", n)
			}
			between.heal()
			_, err = s.Token(t.Context(), "h", time.Unix(1, 0))
			if got := fault.CodeOf(err) != fault.NotFound; got != stored {
				t.Errorf("stored %v: %v", got, chain(err))
			}
		})
	}
}

// TestLostBeforeCommit: nothing happened, so it is done again.
func TestLostBeforeCommit(t *testing.T) {
	between := newProxy(t, pgtest.DSN(t))
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: between.dsn})
	for _, text := range []string{"BEGIN", "INSERT INTO nf_tokens"} {
		before := between.seen(text)
		between.breakOnce(text)
		if err := s.PutToken(t.Context(), ports.Token{Hash: text}); err != nil {
			t.Errorf("%s: %v", text, chain(err))
		}
		if n := between.seen(text) - before; n < 2 {
			t.Errorf("%s came %d times", text, n)
		}
	}
	if got := strings.Join(column(t, s.Writer(), "SELECT hash FROM nf_tokens ORDER BY hash"), ","); got != "BEGIN,INSERT INTO nf_tokens" {
		t.Error(got)
	}
}

// TestPoolerRefusesTheLimit is pgbouncer, which knows few parameters.
func TestPoolerRefusesTheLimit(t *testing.T) {
	between := newProxy(t, pgtest.DSN(t))
	between.refuse("statement_timeout")
	s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: sqlstore.Postgres, DSN: between.dsn})
	if err != nil {
		t.Fatal(chain(err))
	}
	defer s.Close()
	exec(t, s.Writer(), "INSERT INTO queries (name, query) VALUES ('QueryGetTemplate', 'SELECT 1, $1::text, pg_sleep(20)::text')")
	s = open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: between.dsn, StatementTimeout: 2 * time.Second})
	wantLate(t, 2*time.Second, func() error { _, err := s.Template(t.Context(), "x"); return err })
}

// TestDeadlock: PostgreSQL rolls back whoever waited first, which is the store.
func TestDeadlock(t *testing.T) {
	dsn := pgtest.DSN(t)
	s := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: dsn + "&deadlock_timeout=2000"})
	if _, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 0); err != nil {
		t.Fatal(err)
	}
	other := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: dsn + "&deadlock_timeout=60000&statement_timeout=60000"})
	tx, err := other.Writer().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), "UPDATE nf_revision SET revision = revision"); err != nil {
		t.Fatal(err)
	}
	put := make(chan error)
	go func() {
		n, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 1)
		if err == nil && n != 2 {
			err = fmt.Errorf("version %d", n)
		}
		put <- err
	}()
	for waits := "0"; waits == "0"; {
		waits = column(t, other.Writer(), "SELECT count(*) FROM pg_locks WHERE NOT granted")[0]
	}
	if _, err := tx.ExecContext(t.Context(), "UPDATE nf_workflows SET active = active WHERE id = 'a'"); err != nil {
		t.Fatal(errors.Join(errors.New("the store should have been rolled back"), err))
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-put; err != nil {
		t.Error(chain(err))
	}
}
