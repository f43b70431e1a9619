package sqlstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func configOf(file string) sqlstore.Config {
	return sqlstore.Config{Driver: sqlstore.SQLite, DSN: file}
}

// newFile is a database with a workflow named after it and some megabytes.
func newFile(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".sqlite")
	s := open(t, configOf(file))
	run(t, s, filler)
	publish(t, s, name)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func publish(t *testing.T, s *sqlstore.Store, id string) {
	t.Helper()
	if _, err := s.Put(t.Context(), ports.Workflow{ID: id, Document: []byte("{}")}, ports.AnyVersion); err != nil {
		t.Fatal(err)
	}
}

// holds are the ids of the workflows in a whole database.
func holds(t *testing.T, file string) string {
	t.Helper()
	s := open(t, configOf(file))
	defer s.Close()
	if damage, err := s.CheckIntegrity(t.Context(), true); err != nil || len(damage) > 0 {
		t.Fatalf("%s: %v, %v", file, damage, err)
	}
	all, err := s.Active(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, w := range all {
		ids = append(ids, w.ID)
	}
	return strings.Join(ids, " ")
}

// alone wants no other file in a directory than these.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("there are %v, want %v", got, names)
	}
}

// TestBackUpUnderLoad copies while others write as fast as they can.
func TestBackUpUnderLoad(t *testing.T) {
	file, dir := newFile(t, "live"), t.TempDir()
	s := open(t, configOf(file))
	acknowledged, ended := make(chan int), make(chan int)
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		n := 0
		defer func() { ended <- n }()
		for ; ctx.Err() == nil; n++ {
			if _, err := s.PutSettingIfAbsent(t.Context(), fmt.Sprintf("w%d", n), "x"); err != nil {
				t.Error(err)
				return
			}
			select {
			case acknowledged <- n: // somebody asks
			default:
			}
		}
	}()
	for round := range 3 {
		copyFile := filepath.Join(dir, fmt.Sprint(round))
		least := <-acknowledged
		begun, during := false, 0
		copied, err := sqlstore.BackUp(t.Context(), configOf(file), sqlstore.Backup{File: copyFile, Progress: func(done, total int) {
			if begun && done < 512 {
				t.Error("the copy began anew")
			}
			during, begun = <-acknowledged, true // writers go on in the middle
		}})
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(copyFile)
		if err != nil || info.Size() != copied.Bytes || info.Mode() != 0o600 || copied.Pages < 600 {
			t.Errorf("%+v: %v, %v", copied, info, err)
		}
		if got := count(t, copyFile); got <= least || got > during {
			t.Errorf("the copy has %d writes; %d were acknowledged before, %d in the end", got, least+1, during)
		}
	}
	stop()
	if n := <-ended; n < 10 {
		t.Errorf("only %d writes", n)
	}
	alone(t, dir, "0", "1", "2")
}

// count is how many writes of the load test a copy has, all from the first on.
// It must be readable where nothing can be written.
func count(t *testing.T, file string) int {
	t.Helper()
	s := open(t, sqlstore.Config{Driver: sqlstore.SQLite, DSN: "file:" + file + "?mode=ro", ReadOnly: true})
	defer s.Close()
	if c := condition(t, s); c.Journal != "delete" {
		t.Errorf("%+v", c)
	}
	for n := 0; ; n++ {
		if _, err := s.Setting(t.Context(), fmt.Sprintf("w%d", n)); err != nil {
			wantFault(t, err, fault.NotFound, "")
			return n
		}
	}
}

func TestBackUpNames(t *testing.T) {
	file := newFile(t, "a")
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"old", "taken", "taken-wal"} {
		if err := os.WriteFile(in(name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := in("link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, file string
		overwrite  bool
		code       fault.Code
		text       string
	}{
		{"there", in("old"), false, fault.Conflict, "it is there already; choose another name, or --force"},
		{"itself", file, true, fault.Invalid, "belongs to the database itself"},
		{"itself by a link", link, true, fault.Invalid, "belongs to the database itself"},
		{"its log", file + "-wal", true, fault.Invalid, "belongs to the database itself"},
		{"a database", in("taken"), true, fault.Conflict, "taken-wal is beside it"},
		{"directory", dir, true, fault.Invalid, "it is no ordinary file"},
		{"device", os.DevNull, true, fault.Invalid, "it is no ordinary file"},
		{"no directory", in("none/x"), false, fault.Unavailable, "cannot write"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sqlstore.BackUp(t.Context(), configOf(file), sqlstore.Backup{File: tt.file, Overwrite: tt.overwrite})
			wantFault(t, err, tt.code, tt.text)
		})
	}
	for name, order := range map[string]sqlstore.Backup{
		"new":                {File: in("new")},
		"strange":            {File: in("a ?%23#b*.db")},
		"replaced":           {File: in("old"), Overwrite: true},
		"nothing to replace": {File: in("fresh"), Overwrite: true},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := sqlstore.BackUp(t.Context(), configOf(file), order); err != nil {
				t.Fatal(err)
			}
		})
	}
	alone(t, dir, "a ?%23#b*.db", "fresh", "link", "new", "old", "taken", "taken-wal")
	if got := holds(t, in("old")); got != "a" {
		t.Errorf("it holds %q", got)
	}
}

func TestBackUpRefuses(t *testing.T) {
	dir := t.TempDir()
	to := sqlstore.Backup{File: filepath.Join(dir, "copy")}
	_, err := sqlstore.BackUp(t.Context(), configOf(filepath.Join(dir, "none.sqlite")), to)
	wantFault(t, err, fault.NotFound, "there is no database yet")
	_, err = sqlstore.BackUp(t.Context(), configOf(":memory:"), to)
	wantFault(t, err, fault.Invalid, "in memory")
	_, err = sqlstore.BackUp(t.Context(), sqlstore.Config{Driver: sqlstore.Postgres, DSN: "postgres://h/d"}, to)
	wantFault(t, err, fault.Invalid, "SQLite file only")

	file := newFile(t, "a")
	ctx, cancel := context.WithCancel(t.Context())
	to.Progress = func(int, int) { cancel() }
	_, err = sqlstore.BackUp(ctx, configOf(file), to)
	wantFault(t, err, fault.Cancelled, "")
	damageFile(t, file)
	to.Progress = nil
	_, err = sqlstore.BackUp(t.Context(), configOf(file), to)
	wantFault(t, err, fault.Internal, "the copy is damaged (")
	alone(t, dir)
}

// TestBackUpLeavesTheSchema copies a database that other versions made.
func TestBackUpLeavesTheSchema(t *testing.T) {
	file := newFile(t, "a")
	execIn(t, file, "INSERT INTO nf_migrations (version_id, is_applied) VALUES (999999, 1)")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlstore.BackUp(t.Context(), configOf(file), sqlstore.Backup{File: filepath.Join(t.TempDir(), "x")}); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(after) != string(before) {
		t.Errorf("the database changed (%v)", err)
	}
}
