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

// backupOf is a backup of a new database.
func backupOf(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".backup")
	if _, err := sqlstore.BackUp(t.Context(), configOf(newFile(t, name)), sqlstore.Backup{File: file}); err != nil {
		t.Fatal(err)
	}
	return file
}

func restore(t *testing.T, file string, order sqlstore.Restore) sqlstore.Restored {
	t.Helper()
	done, err := sqlstore.ReplaceBy(t.Context(), configOf(file), order)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestRestore(t *testing.T) {
	backup, file := backupOf(t, "new"), newFile(t, "old")
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	done := restore(t, file, sqlstore.Restore{File: backup, Progress: func(int, int) { steps++ }})
	if steps < 2 || done.Pages < 600 || len(done.Pending) > 0 {
		t.Errorf("%+v after %d steps", done, steps)
	}
	after, err := os.Stat(file)
	if err != nil || !os.SameFile(before, after) || after.Mode() != before.Mode() {
		t.Errorf("another file or mode: %v, %v", after, err)
	}
	alone(t, filepath.Dir(file), "old.sqlite", filepath.Base(done.Kept))
	if !strings.HasPrefix(done.Kept, file+".before-restore-") {
		t.Errorf("kept as %s", done.Kept)
	}
	if now, was := holds(t, file), holds(t, done.Kept); now != "new" || was != "old" {
		t.Errorf("it holds %q, and was %q", now, was)
	}
	s := open(t, configOf(file)) // and it can be written
	publish(t, s, "more")
	if c := condition(t, s); c.Journal != "wal" || !c.Shrinks {
		t.Errorf("%+v", c)
	}
}

func TestRestoreDiscards(t *testing.T) {
	backup, file := backupOf(t, "new"), newFile(t, "old")
	if done := restore(t, file, sqlstore.Restore{File: backup, Discard: true}); done.Kept != "" {
		t.Errorf("%+v", done)
	}
	alone(t, filepath.Dir(file), "old.sqlite")
	if got := holds(t, file); got != "new" {
		t.Errorf("it holds %q", got)
	}
}

func TestRestoreWhereNothingIs(t *testing.T) {
	backup, file := backupOf(t, "new"), filepath.Join(t.TempDir(), "none.sqlite")
	if done := restore(t, file, sqlstore.Restore{File: backup}); done.Kept != "" {
		t.Errorf("%+v", done)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if got := holds(t, file); got != "new" {
		t.Errorf("it holds %q", got)
	}
}

// TestRestoreAfterACrash replaces a database whose last writes are still in the
// files beside it, as after a loss of power.
func TestRestoreAfterACrash(t *testing.T) {
	crashed := func(t *testing.T) string {
		file := newFile(t, "old")
		s := open(t, configOf(file))
		publish(t, s, "late")
		dir := t.TempDir()
		for _, ending := range []string{"", "-wal", "-shm"} {
			body, err := os.ReadFile(file + ending)
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "app.sqlite"+ending), body, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Join(dir, "app.sqlite")
	}
	file := crashed(t)
	done := restore(t, file, sqlstore.Restore{File: backupOf(t, "new")})
	alone(t, filepath.Dir(file), "app.sqlite", filepath.Base(done.Kept))
	if now, was := holds(t, file), holds(t, done.Kept); now != "new" || was != "late old" {
		t.Errorf("it holds %q, and was %q", now, was)
	}
	// The same file as a backup: what is beside it counts.
	target := newFile(t, "target")
	restore(t, target, sqlstore.Restore{File: crashed(t)})
	if now := holds(t, target); now != "late old" {
		t.Errorf("it holds %q", now)
	}
}

func TestRestoreRefusesWhileInUse(t *testing.T) {
	backup, file := backupOf(t, "new"), newFile(t, "old")
	refused := func(name string) {
		t.Helper()
		_, err := sqlstore.ReplaceBy(t.Context(), configOf(file), sqlstore.Restore{File: backup})
		if fault.CodeOf(err) != fault.Conflict || !strings.Contains(err.Error(), "is in use") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := open(t, configOf(file))
	refused("idle")
	publish(t, s, "more")
	refused("in use")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(sqlstore.SQLite, file+"?_journal_mode=DELETE")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err == nil {
		_, err = tx.ExecContext(t.Context(), "DELETE FROM nf_settings WHERE key = 'k1'")
	}
	if err != nil {
		t.Fatal(err)
	}
	refused("a writer of another kind")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	alone(t, filepath.Dir(file), "old.sqlite")
	if got := holds(t, file); got != "more old" {
		t.Errorf("it holds %q", got)
	}
}

func TestRestoreRefusesFiles(t *testing.T) {
	file, dir := newFile(t, "old"), t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	text := strings.Repeat("no database ", 1000)
	for name, body := range map[string]string{
		"text": text, "empty": "", "short": "SQLite", "head": "SQLite format 3\x00" + text,
	} {
		if err := os.WriteFile(in(name), []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	execIn(t, in("foreign"), "CREATE TABLE cookies (a)")
	good, err := os.ReadFile(backupOf(t, "new"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"newer", "damaged", "orphans", "cut"} {
		body := good
		if name == "cut" {
			body = good[:len(good)/2]
		}
		if err := os.WriteFile(in(name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	execIn(t, in("newer"), "INSERT INTO nf_migrations (version_id, is_applied) VALUES (999999, 1)")
	execIn(t, in("orphans"), "DELETE FROM nf_workflows")
	damageFile(t, in("damaged"))
	for name, want := range map[string]struct {
		code fault.Code
		text string
	}{
		in("none"):    {fault.NotFound, "there is no such file"},
		in("text"):    {fault.Invalid, "it is not a SQLite database; name a file that nflow backup made"},
		in("empty"):   {fault.Invalid, "it is not a SQLite database"},
		in("short"):   {fault.Invalid, "it is not a SQLite database"},
		in("head"):    {fault.Invalid, "it is damaged: "},
		in("foreign"): {fault.Invalid, "but not one of nflow"},
		in("newer"):   {fault.PreconditionFailed, "its schema is version 999999"},
		in("damaged"): {fault.Invalid, "it is damaged: "},
		in("orphans"): {fault.Invalid, "1 rows of nf_workflow_versions refer to missing rows"},
		in("cut"):     {fault.Invalid, "it is damaged: "},
		dir:           {fault.Invalid, "it is not a SQLite database"},
		file:          {fault.Invalid, "it is the database itself"},
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			_, err := sqlstore.ReplaceBy(t.Context(), configOf(file), sqlstore.Restore{File: name})
			wantFault(t, err, want.code, name+": ", want.text)
		})
	}
	alone(t, filepath.Dir(file), "old.sqlite")
	if got := holds(t, file); got != "old" {
		t.Errorf("it holds %q", got)
	}
}

func TestRestoreOlderAndDesigners(t *testing.T) {
	older, designers := backupOf(t, "new"), filepath.Join(t.TempDir(), "designer.sqlite")
	execIn(t, older, "DELETE FROM nf_migrations WHERE version_id > 2; DROP TABLE nf_plugin_switches; DROP TABLE nf_plugins")
	execIn(t, designers, "CREATE TABLE nflow (id INTEGER, name TEXT)")
	for file, want := range map[string]string{older: "00003_plugins", designers: "00001_designer"} {
		if done := restore(t, newFile(t, "old"), sqlstore.Restore{File: file}); !slices.Contains(done.Pending, want) {
			t.Errorf("%s: %v", file, done.Pending)
		}
	}
}

func TestRestoreOverDamage(t *testing.T) {
	backup, file := backupOf(t, "new"), newFile(t, "old")
	damageFile(t, file)
	done := restore(t, file, sqlstore.Restore{File: backup})
	if got := holds(t, file); got != "new" {
		t.Errorf("it holds %q", got)
	}
	if info, err := os.Stat(done.Kept); err != nil || info.Size() < 600*4096 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.WriteFile(file, []byte(strings.Repeat("rubbish ", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sqlstore.ReplaceBy(t.Context(), configOf(file), sqlstore.Restore{File: backup})
	wantFault(t, err, fault.Internal, "move it away together with")
}

// TestRestoreInterrupted ends a restoration at each step.
func TestRestoreInterrupted(t *testing.T) {
	backup, file := backupOf(t, "new"), newFile(t, "old")
	for at := range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		step := 0
		_, err := sqlstore.ReplaceBy(ctx, configOf(file), sqlstore.Restore{File: backup, Progress: func(int, int) {
			if step++; step > at {
				cancel()
			}
		}})
		cancel()
		if err != nil {
			wantFault(t, err, fault.Cancelled, "")
			alone(t, filepath.Dir(file), "old.sqlite")
		}
		if got := holds(t, file); err != nil && got != "old" || err == nil && got != "new" {
			t.Errorf("%d: it holds %q after %v", at, got, err)
		}
	}
}
