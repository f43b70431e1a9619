package doctor

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

func TestSQLiteFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.sqlite")
	c := config.Store{Driver: sqlite, DSN: config.Secret(file), MaxOpenConns: 2, Query: "SELECT name,query FROM queries"}
	look := func(full bool) Findings {
		var f Findings
		sqliteFile(t.Context(), Patient{Config: config.Config{Store: c}, Full: full}, &f)
		return f
	}
	want(t, look(false)) // there is none: the check before says so
	s, err := wire.OpenStore(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	want(t, look(false), "ok database content: no damage (quick check, ", "ok database file: journal mode wal, ")
	want(t, look(true), "ok database content: no damage (full check, ", "ok database file: journal mode wal, ")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	change(t, file, "PRAGMA journal_mode = DELETE")
	want(t, look(false), "ok database content: no damage", "ok database file: journal mode delete")
	change(t, file, "PRAGMA auto_vacuum = NONE; VACUUM")
	want(t, look(false), "ok database content: no damage", "warn database file: the file never shrinks")
	change(t, file, "INSERT INTO nf_workflow_versions VALUES ('gone', 1, x'', '', '', 0)")
	want(t, look(false), "fail database content: it is damaged: 1 rows of nf_workflow_versions", "warn database file: never shrinks")
	if err := os.Truncate(file, 8192); err != nil {
		t.Fatal(err)
	}
	want(t, look(false)) // it cannot be opened: the check before says so
}

func change(t *testing.T, file, statements string) {
	t.Helper()
	db, err := sql.Open(sqlite, file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

func TestSpace(t *testing.T) {
	for name, tt := range map[string]struct {
		c    sqlstore.Condition
		want string
	}{
		"good":          {sqlstore.Condition{Journal: "wal", PageBytes: 4096, Pages: 100, FreePages: 90, Shrinks: true}, "ok database file: journal mode wal, 90 pages unused of 100"},
		"log":           {sqlstore.Condition{Journal: "wal", WALBytes: 1 << 30}, "warn database file: has grown to 1024 MiB"},
		"shrinks":       {sqlstore.Condition{Journal: "wal", PageBytes: 4096, Pages: 1 << 17, FreePages: 1 << 16, Shrinks: true}, "ok database file: 256 of 512 MiB are unused; they are given back"},
		"never shrinks": {sqlstore.Condition{Journal: "wal", PageBytes: 4096, Pages: 1 << 17, FreePages: 1 << 16}, "warn database file: 256 of 512 MiB are unused, and the file cannot shrink"},
	} {
		t.Run(name, func(t *testing.T) {
			var f Findings
			space(tt.c, &f)
			want(t, f, tt.want)
		})
	}
}
