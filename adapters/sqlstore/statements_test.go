package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// query is a statement that puts a row into the table queries.
func query(name, text string) string {
	return "INSERT INTO queries (name, query) VALUES ('" + name + "', '" + strings.ReplaceAll(text, "'", "''") + "')"
}

func TestOverrides(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: designed(t, e,
			query("QueryGetApp", "SELECT json, default_js FROM nflow WHERE $1 = name AND name <> 'Zoo' AND length($1) > 0 ORDER BY id DESC"),
			query(" QueryGetModuleByName ", "SELECT upper(form), upper(mod), upper(code) FROM modules WHERE name = $1"),
			query("QueryGetTemplate", "SELECT 1 AS id, name, '$1 ?' || content AS content FROM templete WHERE name = $1 -- $2"),
			query("QueryGetUser", "SELECT id + 100, username || '!', 'pw', 'role', 1 FROM users WHERE username = $1"),
			query("QueryGetToken", "SELECT token, name FROM api_tokens WHERE name = $1 ORDER BY id"),
			query("QueryGetSomethingElse", "DROP TABLE nflow"),
			"INSERT INTO queries (name, query) VALUES (NULL, 'SELECT'), ('QueryGetApps', NULL), ('QueryGetApps', ' ')",
		)})
		w, err := s.Workflow(t.Context(), "app", 0)
		if string(w.Document) != "second" || err != nil {
			t.Errorf("QueryGetApp: %+v %v", w, err)
		}
		_, err = s.Workflow(t.Context(), "Zoo", 0)
		wantFault(t, err, fault.NotFound)
		apps, err := s.Active(t.Context())
		var listed []string
		for _, w := range apps {
			listed = append(listed, w.ID+" "+string(w.Document))
		}
		if diff := cmp.Diff([]string{"app second", "null "}, listed); diff != "" || err != nil {
			t.Errorf("the list must agree with QueryGetApp: %v %s", err, diff)
		}
		m, err := s.Module(t.Context(), "m")
		if m != (ports.Module{Name: "m", Form: "FORM", Mod: "MOD", Code: "CODE"}) || err != nil {
			t.Errorf("QueryGetModuleByName by order: %+v %v", m, err)
		}
		x, err := s.Template(t.Context(), "t")
		if x != (ports.Template{Name: "t", Content: "$1 ?content"}) || err != nil {
			t.Errorf("QueryGetTemplate: %+v %v", x, err)
		}
		u, err := s.User(t.Context(), "ana")
		if u != (ports.User{ID: 101, Username: "ana", Password: "pw", Role: "role", Active: true}) || err != nil {
			t.Errorf("QueryGetUser by order: %+v %v", u, err)
		}
		wantToken(t, s, "k", `{"active":false,"expired":null,"header":null,"name":"k","start":null,"token":"old","token_type":null}`)
	})
}

func TestBrokenOverrides(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: designed(t, e,
			query("QueryGetModuleByName", "SELEKT code FROM modules"),
			query("QueryGetUser", "SELECT nothing FROM users WHERE username = $1"),
			query("QueryGetToken", "SELECT * FROM api_tokens WHERE name = $1 AND header = $2"),
			query("QueryGetTemplate", "SELECT id, name, content FROM nowhere WHERE name = $1"),
		)})
		_, err := s.Module(t.Context(), "m")
		wantFault(t, err, fault.QueryFailed, "QueryGetModuleByName", "table queries")
		_, err = s.User(t.Context(), "ana")
		wantFault(t, err, fault.QueryFailed, "QueryGetUser")
		_, err = s.AppToken(t.Context(), "k")
		wantFault(t, err, fault.QueryFailed, "QueryGetToken", "$2")
		x, err := s.Template(t.Context(), "t")
		if x.Content != "content" || err != nil {
			t.Errorf("a table that is not there gives way to one that is: %+v %v", x, err)
		}
	})
}

func TestOverrideCannotWrite(t *testing.T) {
	e := engines()["sqlite"] // PostgreSQL has no connection that cannot write
	s := open(t, sqlstore.Config{Driver: e.driver, DSN: designed(t, e,
		query("QueryGetUser", "DELETE FROM users WHERE username = $1 RETURNING *"))})
	_, err := s.User(t.Context(), "ana")
	wantFault(t, err, fault.QueryFailed, "QueryGetUser", "tries to write")
	if n := column(t, s.Writer(), "SELECT count(*) FROM users"); n[0] != "2" {
		t.Errorf("%s users left", n[0])
	}
}

func TestConfiguredQuery(t *testing.T) {
	onEachEngine(t, func(t *testing.T, e engine) {
		dsn := designed(t, e,
			"CREATE TABLE statements (a TEXT, b TEXT)",
			"INSERT INTO statements VALUES ('QueryGetTemplate', 'SELECT ''from'' AS name, ''elsewhere'' AS content')")
		s := open(t, sqlstore.Config{Driver: e.driver, DSN: dsn, Query: "SELECT a, b FROM statements"})
		if x, err := s.Template(t.Context(), "t"); x.Content != "elsewhere" || err != nil {
			t.Errorf("template %+v %v", x, err)
		}
		s = open(t, sqlstore.Config{Driver: e.driver, DSN: dsn, Query: "SELECT a, b FROM nowhere"})
		if x, err := s.Template(t.Context(), "t"); x.Content != "content" || err != nil {
			t.Errorf("template %+v %v", x, err)
		}
		_, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: e.driver, DSN: dsn, Query: "SELECT c FROM statements"})
		wantFault(t, err, fault.QueryFailed, "[database_nflow] query")
	})
}
