//go:build unix

package pgtest_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func run(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachDatabaseIsEmpty(t *testing.T) {
	const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, pgtest.DSN(t))
			if n := count(t, db, tables); n != 0 {
				t.Errorf("%d tables in a fresh database", n)
			}
			run(t, db, "CREATE TABLE x ()")
		})
	}
}

func TestDatabaseIsDroppedThoughConnected(t *testing.T) {
	watcher := open(t, pgtest.DSN(t))
	before := count(t, watcher, "SELECT count(*) FROM pg_database")
	var left *sql.DB
	t.Run("user", func(t *testing.T) {
		db, err := sql.Open("postgres", pgtest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		run(t, db, "CREATE TABLE x ()")
		left = db
	})
	defer left.Close()
	if after := count(t, watcher, "SELECT count(*) FROM pg_database"); after != before {
		t.Errorf("%d databases, had %d", after, before)
	}
}

func TestOutage(t *testing.T) {
	server := pgtest.Start(t)
	db := open(t, server.DSN(t))
	run(t, db, "CREATE TABLE x AS SELECT 1")

	server.Stop(t)
	server.Stop(t) // already stopped: nothing to do
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err == nil {
		t.Error("a stopped server answers")
	}

	server.Restart(t)
	if n := count(t, db, "SELECT count(*) FROM x"); n != 1 {
		t.Errorf("%d rows after the outage, want 1", n)
	}
}

func TestEndStopped(t *testing.T) {
	server := pgtest.Start(t)
	_ = server.DSN(t)
	server.Stop(t)
}
