//go:build unix

package database_test

import (
	"path/filepath"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/database"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	sqlite   = "sqlite3"
	postgres = "postgres"
)

// onBoth runs a test on each engine.
func onBoth(t *testing.T, test func(t *testing.T, engine string, d *database.Databases)) {
	t.Helper()
	for _, engine := range []string{sqlite, postgres} {
		t.Run(engine, func(t *testing.T) { test(t, engine, open(t, engine, database.Config{})) })
	}
}

func dsn(t testing.TB, engine string) string {
	t.Helper()
	if engine == postgres {
		return pgtest.DSN(t)
	}
	return "file:" + filepath.Join(t.TempDir(), "test.sqlite")
}

// open makes an empty database named main.
func open(t testing.TB, engine string, cfg database.Config) *database.Databases {
	t.Helper()
	d, err := database.New(map[string]database.Target{"main": {Driver: engine, DSN: dsn(t, engine)}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func stmt(t testing.TB, mode node.QueryMode, query string, params ...string) node.Statement {
	t.Helper()
	s := node.Statement{Query: query, Mode: mode}
	for _, p := range params {
		v, err := payload.Parse([]byte(p))
		if err != nil {
			t.Fatal(err)
		}
		s.Params = append(s.Params, v)
	}
	return s
}

func request(statements ...node.Statement) node.QueryRequest {
	return node.QueryRequest{Database: "main", Statements: statements}
}

// query runs one statement and returns its value as JSON, or the fault.
func query(t testing.TB, d *database.Databases, mode node.QueryMode, sql string, params ...string) (string, *fault.Fault) {
	t.Helper()
	res, err := d.Query(t.Context(), request(stmt(t, mode, sql, params...)))
	if err != nil {
		return "", fault.As(err)
	}
	return string(res.Values[0].Bytes()), nil
}

// must is query for statements that work.
func must(t testing.TB, d *database.Databases, mode node.QueryMode, sql string, params ...string) string {
	t.Helper()
	got, f := query(t, d, mode, sql, params...)
	if f != nil {
		t.Fatalf("%s: %v", sql, f)
	}
	return got
}

func wantFault(t *testing.T, err error, code fault.Code, limit string) *fault.Fault {
	t.Helper()
	f := fault.As(err)
	if f == nil || f.Code != code || f.Limit != limit {
		t.Fatalf("got %v (%s), want code %s, limit %q", err, fault.CodeOf(err), code, limit)
	}
	return f
}
