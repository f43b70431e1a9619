package sqlstore_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/storetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// engine is one database the tests run on.
type engine struct {
	driver string
	// fresh returns the data source name of a new, empty database.
	fresh func(t *testing.T) string
}

// engines are all of them. A store in memory differs by its single connection.
func engines() map[string]engine {
	file := func(t *testing.T) string { return filepath.Join(t.TempDir(), "nflow.db") }
	return map[string]engine{
		"sqlite":   {sqlstore.SQLite, file},
		"postgres": {sqlstore.Postgres, func(t *testing.T) string { return pgtest.DSN(t) }},
	}
}

func onEachEngine(t *testing.T, test func(t *testing.T, e engine)) {
	for name, e := range engines() {
		t.Run(name, func(t *testing.T) { test(t, e) })
	}
}

func TestSuite(t *testing.T) {
	all := engines()
	all["memory"] = engine{sqlstore.SQLite, func(*testing.T) string { return ":memory:" }}
	all["postgres"] = schemas(t) // making a database for each test takes long
	for name, e := range all {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Stores {
				dsn := e.fresh(t)
				s := open(t, sqlstore.Config{Driver: e.driver, DSN: dsn, PreparedStatements: true})
				fill(t, s)
				return stores(s)
			})
		})
	}
}

// stores is a store as the suite takes it.
func stores(s *sqlstore.Store) storetest.Stores {
	return storetest.Stores{
		Reader: s, Writer: s, Changes: s, Library: s, Index: s, Users: s, Tokens: s, Settings: s, Sessions: s, Runs: s,
		Tracker: s, Plugins: s, Switches: s, Values: s, Pinger: s,
		TrackerRows: func(t *testing.T) []ports.TrackerRow { return trackerRows(t, s.Writer()) },
	}
}

// schemas is a PostgreSQL database that has a schema for each test.
func schemas(t *testing.T) engine {
	dsn := pgtest.DSN(t)
	db, err := sql.Open(sqlstore.Postgres, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	n := 0
	return engine{sqlstore.Postgres, func(t *testing.T) string {
		n++
		name := fmt.Sprint("s", n)
		exec(t, db, "CREATE SCHEMA "+name)
		return dsn + "&search_path=" + name
	}}
}

func open(t *testing.T, c sqlstore.Config) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// fill puts the suite's rows into the designer's tables.
func fill(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	rows := storetest.Designer()
	db := s.Writer()
	exec(t, db, "INSERT INTO nflow (name, json, default_js) VALUES ($1, $2, $3)",
		rows.Workflow.ID, string(rows.Workflow.Document), rows.Workflow.DefaultJS)
	exec(t, db, "INSERT INTO modules (name, form, mod, code) VALUES ($1, $2, $3, $4)",
		rows.Module.Name, rows.Module.Form, rows.Module.Mod, rows.Module.Code)
	exec(t, db, "INSERT INTO template (name, content) VALUES ($1, $2)", rows.Template.Name, rows.Template.Content)
	exec(t, db, "INSERT INTO users (id, username, password, rol, active) VALUES ($1, $2, $3, $4, $5)",
		rows.User.ID, rows.User.Username, rows.User.Password, rows.User.Role, rows.User.Active)
	exec(t, db, "INSERT INTO api_tokens (name, token, expired, active, header, token_type) VALUES ($1, $2, $3, $4, $5, $6)",
		rows.AppTokenName, "t0k", 1893456000, true, "X-Key", "Bearer")
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
