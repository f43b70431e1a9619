package sqlstore_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func condition(t *testing.T, s *sqlstore.Store) sqlstore.Condition {
	t.Helper()
	c, err := s.Condition(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func run(t *testing.T, s *sqlstore.Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.Writer().ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

const filler = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 2000)
	INSERT INTO nf_settings (key, content) SELECT 'k' || i, hex(randomblob(1000)) FROM n`

func TestVacuum(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.sqlite")
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: file})
	run(t, s, filler, "DELETE FROM nf_settings")
	full := condition(t, s)
	if !full.Shrinks || full.FreePages < 500 || full.Journal != "wal" || full.WALBytes == 0 {
		t.Fatalf("%+v", full)
	}
	if err := s.Vacuum(t.Context(), 300); err != nil {
		t.Fatal(err)
	}
	some := condition(t, s)
	if freed := full.FreePages - some.FreePages; freed < 300 || freed > 302 || some.Pages > full.Pages-300 { // maps of pages go, too
		t.Fatalf("%+v after %+v", some, full)
	}
	if err := s.Vacuum(t.Context(), 1<<30); err != nil {
		t.Fatal(err)
	}
	if c := condition(t, s); c.FreePages != 0 || c.Pages >= 200 {
		t.Fatalf("%+v", c)
	}
	run(t, s, "PRAGMA wal_checkpoint(TRUNCATE)")
	if info, err := os.Stat(file); err != nil || info.Size() > 200*4096 {
		t.Errorf("%v, %v", info.Size(), err)
	}
}

func TestVacuumOfOthers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "old.sqlite")
	execIn(t, file, "CREATE TABLE modules (id INTEGER, name TEXT, form TEXT, mod TEXT, code TEXT)")
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: file})
	run(t, s, filler, "DELETE FROM nf_settings")
	before := condition(t, s)
	if err := s.Vacuum(t.Context(), 1<<30); err != nil || before.Shrinks {
		t.Fatalf("%+v, %v", before, err)
	}
	if after := condition(t, s); after.FreePages != before.FreePages {
		t.Errorf("%+v after %+v", after, before)
	}

	p := open(t, sqlstore.Config{Driver: sqlstore.Postgres, DSN: engines()["postgres"].fresh(t)})
	if err := p.Vacuum(t.Context(), 100); err != nil {
		t.Error(err)
	}
	_, err := p.Condition(t.Context())
	wantFault(t, err, fault.Invalid, "SQLite file only")
	_, err = p.CheckIntegrity(t.Context(), true)
	wantFault(t, err, fault.Invalid, "SQLite file only")
}

func TestCheckIntegrity(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.sqlite")
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: file})
	run(t, s, filler)
	for _, thorough := range []bool{false, true} {
		if damage, err := s.CheckIntegrity(t.Context(), thorough); len(damage) > 0 || err != nil {
			t.Errorf("%v, %v", damage, err)
		}
	}
	run(t, s, "PRAGMA foreign_keys = OFF", `INSERT INTO nf_workflow_versions VALUES ('gone', 1, x'', '', '', 0)`)
	damage, err := s.CheckIntegrity(t.Context(), false)
	if want := []string{"1 rows of nf_workflow_versions refer to missing rows of nf_workflows"}; err != nil || !slices.Equal(damage, want) {
		t.Errorf("%v, %v", damage, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.CheckIntegrity(ended, true)
	wantFault(t, err, fault.Cancelled, "cancelled")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	damageFile(t, file)
	s = open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: file, ReadOnly: true})
	damage, err = s.CheckIntegrity(t.Context(), false)
	if err == nil && len(damage) == 0 {
		t.Error("it sees no damage")
	}
	if text := strings.Join(damage, "\n"); err == nil && !strings.Contains(text, "ree") {
		t.Errorf("%q", text)
	}
}

// execIn runs a statement in a file that no store has open.
func execIn(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open(sqlstore.SQLite, file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// damageFile overwrites pages in the middle of a database.
func damageFile(t *testing.T, file string) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for at := len(body) / 2; at < len(body)/2+3*4096; at++ {
		body[at] = 0xA5
	}
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
}
