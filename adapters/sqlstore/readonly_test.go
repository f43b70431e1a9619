package sqlstore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestReadOnlyLeavesTheFileAsItIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "designer.sqlite")
	db, err := sqlx.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE modules (id INTEGER, name TEXT, form TEXT, mod TEXT, code TEXT);
		INSERT INTO modules VALUES (1, 'm', '', '', 'main')`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: file, ReadOnly: true})
	if all, err := s.Modules(t.Context()); err != nil || len(all) != 1 || all[0].Code != "main" {
		t.Errorf("modules %v, %v", all, err)
	}
	if err := s.PutModule(t.Context(), ports.Module{Name: "n"}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("writing gave %v", err)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(after) != string(before) {
		t.Errorf("the file changed (%v)", err)
	}
}

func TestReadOnlyMakesNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.sqlite")
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: file, ReadOnly: true})
	if pending, err := s.Pending(t.Context()); err != nil || len(pending) == 0 {
		t.Errorf("pending %v, %v", pending, err)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file exists (%v)", err)
	}
}
