//go:build unix

package e2e

import (
	"context"
	"crypto/sha512"
	"database/sql"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// designerTables are the tables of the nFlow designer.
var designerTables = []string{"nflow", "modules", "template", "queries", "users", "api_tokens", "tracker"}

// designerFixture is an exported application: app.json, default.js, modules.csv
// and templates/.
type designerFixture struct{ name, folder string }

// designerFixtures are the application of this repository and, when it lies
// beside the checkout, one exported from the designer.
func designerFixtures(t *testing.T) []designerFixture {
	t.Helper()
	found := []designerFixture{{"own", filepath.Join("testdata", "designer")}}
	exported := filepath.Join("..", "..", "..", "..", "shared", "fixtures", "designer")
	if _, err := os.Stat(filepath.Join(exported, "app.json")); err == nil {
		found = append(found, designerFixture{"exported", exported})
	} else {
		t.Logf("only the repository's own application is tested: %v", err)
	}
	return found
}

func (f designerFixture) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(f.folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// build makes a designer's database of the fixture.
func (f designerFixture) build(t *testing.T, db *sql.DB) {
	t.Helper()
	own := designerFixture{folder: filepath.Join("testdata", "designer")}
	for statement := range strings.SplitSeq(own.read(t, "schema.sql"), ";\n") {
		if strings.TrimSpace(statement) != "" {
			execSQL(t, db, statement)
		}
	}
	execSQL(t, db, "INSERT INTO nflow (id, name, json, default_js, tag) VALUES (1, 'app', $1, $2, '')",
		f.read(t, "app.json"), f.read(t, "default.js"))
	modules, err := csv.NewReader(strings.NewReader(f.read(t, "modules.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range modules[1:] {
		code := sql.NullString{String: m[4], Valid: m[4] != "NULL"}
		execSQL(t, db, "INSERT INTO modules (id, name, form, mod, code) VALUES ($1, $2, $3, $4, $5)", i+1, m[1], m[2], m[3], code)
	}
	templates, err := filepath.Glob(filepath.Join(f.folder, "templates", "*.html"))
	if err != nil || len(templates) == 0 {
		t.Fatal("the fixture has no templates", err)
	}
	for i, path := range templates {
		name := strings.TrimSuffix(filepath.Base(path), ".html")
		execSQL(t, db, "INSERT INTO template (id, name, content) VALUES ($1, $2, $3)", i+1, name,
			f.read(t, filepath.Join("templates", filepath.Base(path))))
	}
	unsalted := sha512.Sum512_256([]byte("secreto"))
	for i, u := range [][2]string{{"ana", "clave"}, {"luis", hex.EncodeToString(unsalted[:])}, {"gone", "clave"}} {
		execSQL(t, db, "INSERT INTO users (id, username, password, rol, active) VALUES ($1, $2, $3, 'ROL_DEV', $4)",
			i+1, u[0], u[1], u[0] != "gone")
	}
}

func openSQL(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execSQL(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement, args...); err != nil {
		t.Fatalf("%.80s: %v", statement, err)
	}
}

// dump is every value of some rows, as text.
func dump(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintln(columns)
	for rows.Next() {
		values, places := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintf("%+v\n", values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text
}

// dumpDesigner is all of the designer's tables.
func dumpDesigner(t *testing.T, db *sql.DB) string {
	t.Helper()
	text := ""
	for _, table := range designerTables {
		text += table + " " + dump(t, db, "SELECT * FROM "+table+" ORDER BY id")
	}
	return text
}
