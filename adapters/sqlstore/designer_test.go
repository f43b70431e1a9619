package sqlstore_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// designed makes a database as a designer of another age left it: other types,
// templates under their other name, no tracker, NULLs, and rows of all sorts.
func designed(t *testing.T, e engine, statements ...string) string {
	t.Helper()
	dsn := e.fresh(t)
	db, err := sql.Open(e.driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range append([]string{
		"CREATE TABLE nflow (id INTEGER, name VARCHAR(50), json TEXT, default_js TEXT, tag TEXT)",
		"CREATE UNIQUE INDEX nflow_id ON nflow (id)",
		"CREATE TABLE modules (name TEXT, form TEXT, mod TEXT, code TEXT)",
		"CREATE TABLE templete (id INTEGER, name TEXT, content TEXT)",
		"CREATE TABLE queries (id INTEGER, name TEXT, query TEXT)",
		"CREATE TABLE users (id INTEGER, username TEXT, password TEXT, rol TEXT, active INTEGER)",
		"CREATE TABLE api_tokens (id INTEGER, name TEXT, token TEXT, start TEXT, expired TEXT, active TEXT, header TEXT, token_type TEXT)",
		"INSERT INTO nflow VALUES (1, 'app', '{\"a\":1}', NULL, NULL), (2, 'app', 'second', '', ''), (3, 'null', NULL, 'js', ''), " +
			"(4, NULL, '{}', '', ''), (5, '', '{}', '', ''), (6, 'Zoo', '{}', '', '')",
		"INSERT INTO modules VALUES ('m', 'form', 'mod', 'code'), ('bare', NULL, NULL, NULL)",
		"INSERT INTO templete VALUES (1, 't', 'content'), (2, 'bare', NULL)",
		"INSERT INTO users VALUES (1, 'ana', 'plain', 'ROL_DEV', 1), (2, 'bob', NULL, NULL, NULL)",
		"INSERT INTO api_tokens VALUES (1, 'k', 'old', NULL, NULL, 'false', NULL, NULL), (2, 'k', 'new', '2024-01-01', '1893456000', 'true', 'X-Key', 'Bearer')",
	}, statements...) {
		exec(t, db, statement)
	}
	return dsn
}

func TestDesignerRows(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: designed(t, e)})
		apps, err := s.Active(t.Context())
		want := []ports.Workflow{
			{ID: "Zoo", Document: []byte("{}"), Author: "designer"},
			{ID: "app", Document: []byte(`{"a":1}`), Author: "designer"},
			{ID: "null", Document: []byte{}, DefaultJS: "js", Author: "designer"},
		}
		if diff := cmp.Diff(want, apps); diff != "" || err != nil {
			t.Errorf("apps: %v %s", err, diff)
		}
		m, err := s.Module(t.Context(), "m")
		if want := (ports.Module{Name: "m", Code: "code", Form: "form", Mod: "mod"}); m != want || err != nil {
			t.Errorf("module %+v %v", m, err)
		}
		if m, err := s.Module(t.Context(), "bare"); m != (ports.Module{Name: "bare"}) || err != nil {
			t.Errorf("module %+v %v", m, err)
		}
		x, err := s.Template(t.Context(), "t")
		if x != (ports.Template{Name: "t", Content: "content"}) || err != nil {
			t.Errorf("template %+v %v", x, err)
		}
		u, err := s.User(t.Context(), "ana")
		if u != (ports.User{ID: 1, Username: "ana", Password: "plain", Role: "ROL_DEV", Active: true}) || err != nil {
			t.Errorf("user %+v %v", u, err)
		}
		if u, err := s.User(t.Context(), "bob"); u != (ports.User{ID: 2, Username: "bob"}) || err != nil {
			t.Errorf("user %+v %v", u, err)
		}
		wantToken(t, s, "k", `{"active":true,"expired":1893456000,"header":"X-Key","name":"k","start":"2024-01-01","token":"new","token_type":"Bearer"}`)
	})
}

func wantToken(t *testing.T, s *sqlstore.Store, name, want string) {
	t.Helper()
	got, err := s.AppToken(t.Context(), name)
	if string(got.Bytes()) != want || err != nil {
		t.Errorf("token %s, error %v; want %s", got.Bytes(), err, want)
	}
}

// TestDesignerDatabaseIsUntouched uses every port on a designer's database.
func TestDesignerDatabaseIsUntouched(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		dsn := designed(t, e)
		db, err := sql.Open(e.driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		before := dump(t, db)
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: dsn})
		useEverything(t, s)
		if diff := cmp.Diff(before, dump(t, db)); diff != "" {
			t.Errorf("the designer's tables changed (-before +after):\n%s", diff)
		}
		for _, name := range tables(t, db) {
			if !strings.HasPrefix(name, "nf_") && !strings.Contains(strings.Join(before, "\n"), name) {
				t.Errorf("table %s is new", name)
			}
		}
	})
}

func useEverything(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	ctx, now := t.Context(), time.Unix(1e9, 0)
	apps, err := s.Active(ctx)
	if err != nil || len(apps) == 0 {
		t.Fatalf("apps %v %v", apps, err)
	}
	calls := []struct {
		name string
		call func() error
	}{
		{"replace", func() error { _, err := s.Put(ctx, ports.Workflow{ID: apps[0].ID}, 0); return err }},
		{"delete", func() error { return s.Delete(ctx, apps[len(apps)-1].ID, ports.AnyVersion) }},
		{"module", func() error { return s.PutModule(ctx, ports.Module{Name: "m"}) }},
		{"template", func() error { return s.PutTemplate(ctx, ports.Template{Name: "t"}) }},
		{"password", func() error { return s.UpgradePassword(ctx, "ana", "hash") }},
		{"token", func() error { return s.PutToken(ctx, ports.Token{Hash: "h"}) }},
		{"setting", func() error { _, err := s.PutSettingIfAbsent(ctx, "k", "v"); return err }},
		{"session", func() error {
			_, err := s.SaveSession(ctx, ports.Session{Key: "k", Values: payload.EmptyObject(), Expires: now})
			return err
		}},
		{"run", func() error { return s.AppendRuns(ctx, []ports.RunRecord{{ID: "r", Started: now}}) }},
	}
	for _, c := range calls {
		if err := c.call(); err != nil {
			t.Fatalf("%s: %v", c.name, chain(err))
		}
	}
}

// dump is the schema and the rows of everything that is not ours.
func dump(t *testing.T, db *sql.DB) []string {
	t.Helper()
	schema := "SELECT name || ' ' || sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'nf\\_%' ESCAPE '\\' AND tbl_name NOT LIKE 'nf\\_%' ESCAPE '\\' ORDER BY name"
	if isPostgres(db) {
		schema = `SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
			FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'nf\_%'
			UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE 'nf\_%' ORDER BY 1`
	}
	lines := column(t, db, schema)
	for _, name := range []string{"nflow", "modules", "templete", "queries", "users", "api_tokens"} {
		lines = append(lines, rowsOf(t, db, name)...)
	}
	return lines
}

func rowsOf(t *testing.T, db *sql.DB, table string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		cells, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s %q", table, cells))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestNoDesignerTablesAtAll(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		dsn := e.fresh(t)
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: dsn})
		for _, name := range []string{"nflow", "modules", "template", "queries", "users", "api_tokens", "tracker"} {
			exec(t, s.Writer(), "DROP TABLE "+name)
		}
		s = open(t, sqlstore.Config{Driver: e.driver, DSN: dsn})
		if apps, err := s.Active(t.Context()); len(apps) > 0 || err != nil {
			t.Errorf("apps %v %v", apps, err)
		}
		_, errApp := s.Workflow(t.Context(), "a", 0)
		_, errModule := s.Module(t.Context(), "a")
		_, errTemplate := s.Template(t.Context(), "a")
		_, errUser := s.User(t.Context(), "a")
		_, errToken := s.AppToken(t.Context(), "a")
		for _, err := range []error{errApp, errModule, errTemplate, errUser, errToken, s.Delete(t.Context(), "a", 0)} {
			wantFault(t, err, fault.NotFound)
		}
		if n, err := s.Put(t.Context(), ports.Workflow{ID: "a"}, 0); n != 1 || err != nil {
			t.Errorf("put %d %v", n, err)
		}
		if tables := tables(t, s.Writer()); !strings.HasPrefix(tables[0], "nf_") {
			t.Errorf("tables came back: %v", tables)
		}
	})
}

// TestPasswordChangedInTheDesigner: an upgraded hash must not outlive the
// password it was made from.
func TestPasswordChangedInTheDesigner(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: designed(t, e)})
		for i, changed := range []string{"plain", "changed", "changed again"} {
			exec(t, s.Writer(), "UPDATE users SET password = '"+changed+"' WHERE username = 'ana'")
			if u, err := s.User(t.Context(), "ana"); u.Password != changed || err != nil {
				t.Errorf("password %q %v, want the designer's %q", u.Password, err, changed)
			}
			hash := fmt.Sprint("hash ", i)
			if err := s.UpgradePassword(t.Context(), "ana", hash); err != nil {
				t.Fatal(err)
			}
			if u, err := s.User(t.Context(), "ana"); u.Password != hash || err != nil {
				t.Errorf("password %q %v, want ours", u.Password, err)
			}
		}
		for _, kept := range column(t, s.Writer(), "SELECT replaces FROM nf_credentials") {
			if strings.Contains(kept, "changed") {
				t.Errorf("nf_credentials repeats the password: %s", kept)
			}
		}
	})
}
