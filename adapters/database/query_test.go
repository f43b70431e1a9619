//go:build unix

package database_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/database"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

const (
	table = `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)`
	// series is a statement that gives 1 to n.
	series = `WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < $1) SELECT n FROM s`
)

func TestModes(t *testing.T) {
	onBoth(t, func(t *testing.T, engine string, d *database.Databases) {
		if got := must(t, d, node.Exec, table); !strings.HasPrefix(got, `{"rows_affected":0,`) {
			t.Errorf("create: %s", got)
		}
		id := map[string]string{sqlite: "2", postgres: "null"}[engine]
		if got := must(t, d, node.Exec, `INSERT INTO t VALUES (1, 'a'), (2, 'b')`); got != `{"rows_affected":2,"last_insert_id":`+id+`}` {
			t.Errorf("insert: %s", got)
		}
		for _, tt := range []struct {
			mode        node.QueryMode
			query, want string
		}{
			{node.Rows, `SELECT name, id FROM t ORDER BY id`, `[{"name":"a","id":1},{"name":"b","id":2}]`},
			{node.Rows, `SELECT name FROM t WHERE id > 5`, `[]`},
			{node.Row, `SELECT name FROM t ORDER BY id DESC`, `{"name":"b"}`},
			{node.Row, `SELECT name FROM t WHERE id > 5`, `null`},
			{"", `SELECT id FROM t WHERE id = 1`, `[{"id":1}]`},
			{node.Row, `INSERT INTO t VALUES (3, 'c') RETURNING id`, `{"id":3}`},
			{node.Exec, `DELETE FROM t WHERE id = 3`, ``},
			{node.Rows, `UPDATE t SET name = 'z' || name RETURNING name`, `[{"name":"za"},{"name":"zb"}]`},
			{node.Row, `SELECT count(*) AS n, min(name) AS "x""y" FROM t`, `{"n":2,"x\"y":"za"}`},
		} {
			if got := must(t, d, tt.mode, tt.query); got != tt.want && tt.want != "" {
				t.Errorf("%s: got %s, want %s", tt.query, got, tt.want)
			}
		}
	})
}

func TestStatementsAreOneTransaction(t *testing.T) {
	onBoth(t, func(t *testing.T, engine string, d *database.Databases) {
		must(t, d, node.Exec, table)
		res, err := d.Query(t.Context(), request(
			stmt(t, node.Exec, `INSERT INTO t VALUES ($1, 'a')`, `1`),
			stmt(t, node.Row, `SELECT count(*) AS n FROM t`),
			stmt(t, node.Rows, `SELECT id FROM t`)))
		if err != nil || len(res.Values) != 3 || string(res.Values[1].Bytes()) != `{"n":1}` || string(res.Values[2].Bytes()) != `[{"id":1}]` {
			t.Fatalf("%v, %v", res, err)
		}
		for name, last := range map[string]node.Statement{
			"a refused statement":   stmt(t, node.Exec, `INSERT INTO t VALUES (9, 'a')`),
			"a malformed statement": stmt(t, node.Exec, `INSERT INTO nowhere VALUES (9)`),
			"too many rows":         stmt(t, node.Rows, series, `50`),
			"two equal columns":     stmt(t, node.Rows, `SELECT 1 AS a, 2 AS a`),
		} {
			t.Run(name, func(t *testing.T) {
				r := request(stmt(t, node.Exec, `INSERT INTO t VALUES (2, 'b')`), last)
				r.MaxRows = 10
				_, err := d.Query(t.Context(), r)
				if err == nil || !strings.HasPrefix(fault.As(err).Message, "statement 2 of 2: ") {
					t.Errorf("got %v", err)
				}
				if got := must(t, d, node.Row, `SELECT count(*) AS n FROM t`); got != `{"n":1}` {
					t.Errorf("something stayed: %s", got)
				}
			})
		}
		t.Run("a lone statement over its rows", func(t *testing.T) {
			must(t, d, node.Exec, `INSERT INTO t VALUES (2, 'b')`)
			r := request(stmt(t, node.Rows, `UPDATE t SET name = 'changed' || id RETURNING id`))
			r.MaxRows = 1
			_, err := d.Query(t.Context(), r)
			wantFault(t, err, fault.LimitExceeded, "limits.max_rows")
			if got := must(t, d, node.Row, `SELECT count(*) AS n FROM t WHERE name LIKE 'changed%'`); got != `{"n":0}` {
				t.Errorf("something stayed: %s", got)
			}
		})
	})
}

func TestRefusedStatementsSayWhy(t *testing.T) {
	onBoth(t, func(t *testing.T, engine string, d *database.Databases) {
		must(t, d, node.Exec, table)
		must(t, d, node.Exec, `INSERT INTO t VALUES (1, 'a')`)
		for _, tt := range []struct {
			query string
			code  fault.Code
			says  map[string]string
		}{
			{`SELECT * FROM nowhere`, fault.QueryFailed, map[string]string{sqlite: "no such table: nowhere", postgres: `relation "nowhere" does not exist (SQLSTATE 42P01)`}},
			{`SELEC 1`, fault.QueryFailed, map[string]string{sqlite: "syntax error", postgres: "syntax error at or near \"SELEC\" (SQLSTATE 42601)"}},
			{`INSERT INTO t VALUES (2, 'a')`, fault.QueryFailed, map[string]string{sqlite: "UNIQUE constraint failed: t.name", postgres: "duplicate key value violates unique constraint \"t_name_key\" (SQLSTATE 23505)"}},
			{`SELECT 1 AS a, 2 AS a`, fault.QueryFailed, map[string]string{sqlite: `two columns named "a"`, postgres: `two columns named "a"`}},
			{``, fault.Invalid, map[string]string{sqlite: "empty", postgres: "empty"}},
			{`-- nothing`, fault.Invalid, map[string]string{sqlite: "empty", postgres: "empty"}},
			{`SELECT $1`, fault.Invalid, map[string]string{sqlite: "has 1 placeholders, but 0 params", postgres: "has 1 placeholders"}},
			{`SELECT 1; DELETE FROM t`, fault.Invalid, map[string]string{sqlite: "holds 2 commands", postgres: "holds 2 commands"}},
			{`/* x */ begin`, fault.Invalid, map[string]string{sqlite: "BEGIN cannot be used here", postgres: "BEGIN cannot be used here"}},
			{`COMMIT`, fault.Invalid, map[string]string{sqlite: "one transaction", postgres: "one transaction"}},
			{`SET search_path = x`, fault.Invalid, map[string]string{sqlite: "dsn", postgres: "dsn"}},
			{`ATTACH DATABASE '/tmp/x' AS x`, fault.Invalid, map[string]string{sqlite: "beyond", postgres: "beyond"}},
			{`COPY t FROM STDIN`, fault.Invalid, map[string]string{sqlite: "beyond", postgres: "beyond"}},
		} {
			t.Run(tt.query, func(t *testing.T) {
				_, f := query(t, d, node.Rows, tt.query)
				if f == nil || f.Code != tt.code || !strings.Contains(f.Message, tt.says[engine]) {
					t.Errorf("got %v (%s), want %s, %q", f, fault.CodeOf(f), tt.code, tt.says[engine])
				}
			})
		}
		if _, f := query(t, d, "all", `SELECT 1`); f == nil || f.Code != fault.Invalid {
			t.Errorf("unknown mode: %v", f)
		}
		_, err := d.Query(t.Context(), request())
		wantFault(t, err, fault.Invalid, "")
		if got := must(t, d, node.Row, `SELECT count(*) AS n FROM t`); got != `{"n":1}` {
			t.Errorf("something changed: %s", got)
		}
	})
}

func TestResultsAreBounded(t *testing.T) {
	for _, engine := range []string{sqlite, postgres} {
		t.Run(engine, func(t *testing.T) {
			d := open(t, engine, database.Config{MaxRows: 5, MaxBytes: 100})
			if got := must(t, d, node.Rows, series, `5`); strings.Count(got, "n") != 5 {
				t.Errorf("got %s", got)
			}
			_, f := query(t, d, node.Rows, series, `1000000000`)
			wantFault(t, f, fault.LimitExceeded, "limits.max_rows")
			r := request(stmt(t, node.Rows, series, `7`))
			r.MaxRows = 7
			if _, err := d.Query(t.Context(), r); err != nil {
				t.Errorf("the request's own bound: %v", err)
			}
			wide := fmt.Sprintf(`SELECT '%s' AS a`, strings.Repeat("x", 60))
			must(t, d, node.Rows, wide)
			_, err := d.Query(t.Context(), request(stmt(t, node.Rows, wide), stmt(t, node.Rows, wide)))
			wantFault(t, err, fault.LimitExceeded, "limits.max_response_bytes")
			must(t, d, node.Rows, wide)
		})
	}
}

// A single value far above the bound is refused as it is, not written out first.
func TestGiantValuesCostNoMoreThanThemselves(t *testing.T) {
	const size = 8 << 20
	giant := map[string]string{
		sqlite:   fmt.Sprintf(`SELECT replace(hex(zeroblob(%d)), '0', char(1)) AS a`, size/2),
		postgres: fmt.Sprintf(`SELECT repeat(chr(1), %d) AS a`, size),
	}
	for _, engine := range []string{sqlite, postgres} {
		t.Run(engine, func(t *testing.T) {
			d := open(t, engine, database.Config{MaxBytes: 1000})
			must(t, d, node.Rows, `SELECT 1 AS a`)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, f := query(t, d, node.Rows, giant[engine])
			runtime.ReadMemStats(&after)
			wantFault(t, f, fault.LimitExceeded, "limits.max_response_bytes")
			if got := after.TotalAlloc - before.TotalAlloc; got > 5*size {
				t.Errorf("%d bytes were allocated for a value of %d", got, size)
			}
		})
	}
}

// SQLite itself never makes a value that is far larger than any answer may be.
func TestSQLiteMakesNoGiantValues(t *testing.T) {
	d := open(t, sqlite, database.Config{})
	_, f := query(t, d, node.Rows, `SELECT zeroblob(500000000) AS a`)
	wantFault(t, f, fault.LimitExceeded, "max_value_bytes")
	must(t, d, node.Rows, `SELECT length(zeroblob(1000000)) AS a`)
}

func TestSlowStatementsAreStopped(t *testing.T) {
	slow := map[string]string{sqlite: `SELECT count(*) AS n FROM (` + series + `)`, postgres: `SELECT pg_sleep($1)::text AS n`}
	for _, engine := range []string{sqlite, postgres} {
		t.Run(engine, func(t *testing.T) {
			d := open(t, engine, database.Config{StatementTimeout: 300 * time.Millisecond})
			for _, mode := range []node.QueryMode{node.Row, node.Exec} {
				started := time.Now()
				_, f := query(t, d, mode, slow[engine], `1000000000`)
				wantFault(t, f, fault.LimitExceeded, "statement_timeout")
				if took := time.Since(started); took > 10*time.Second {
					t.Errorf("took %v", took)
				}
			}
			gone := errors.New("the client left")
			ctx, cancel := context.WithCancelCause(t.Context())
			defer time.AfterFunc(50*time.Millisecond, func() { cancel(gone) }).Stop()
			_, err := d.Query(ctx, request(stmt(t, node.Row, slow[engine], `1000000000`)))
			wantFault(t, err, fault.Cancelled, "")
			if !errors.Is(err, gone) || !errors.Is(err, context.Canceled) {
				t.Errorf("the cause is lost: %v", err)
			}
			_, err = d.Query(ctx, request(stmt(t, node.Row, `SELECT 1 AS a`)))
			wantFault(t, err, fault.Cancelled, "")
			if got := must(t, d, node.Row, `SELECT 1 AS a`); got != `{"a":1}` {
				t.Errorf("afterwards: %s", got)
			}
		})
	}
}

func TestConcurrentTransactionsWait(t *testing.T) {
	onBoth(t, func(t *testing.T, _ string, d *database.Databases) {
		must(t, d, node.Exec, `CREATE TABLE c (n INTEGER)`)
		must(t, d, node.Exec, `INSERT INTO c VALUES (0)`)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					_, err := d.Query(t.Context(), request(
						stmt(t, node.Row, `SELECT 1 AS a`),
						stmt(t, node.Exec, `UPDATE c SET n = n + 1`),
						stmt(t, node.Row, `SELECT n FROM c`)))
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := must(t, d, node.Row, `SELECT n FROM c`); got != `{"n":80}` {
			t.Errorf("got %s", got)
		}
	})
}

func TestBusyPool(t *testing.T) {
	d, err := database.New(map[string]database.Target{"main": {Driver: postgres, DSN: pgtest.DSN(t), MaxOpenConns: 1}},
		database.Config{ConnectTimeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	must(t, d, node.Row, `SELECT 1 AS a`)
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = query(t, d, node.Row, `SELECT pg_sleep(1)::text AS a`) })
	time.Sleep(100 * time.Millisecond)
	_, f := query(t, d, node.Row, `SELECT 1 AS a`)
	wantFault(t, f, fault.Upstream, "")
	wg.Wait()
}
