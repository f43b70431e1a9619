package cli_test

import (
	"bytes"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/cli"
)

// nflow runs a command on a database of its own.
func nflow(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = cli.Main(t.Context(), cli.Process{
		Args: args, Environ: []string{"NFLOW_DATABASE_DSN=" + filepath.Join(t.TempDir(), "app.sqlite")},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err,
	})
	return code, out.String(), err.String()
}

// One broken application of a designer does not keep the others away, and the
// fault says whose it is.
func TestImportOfADesignersDatabaseWithABrokenApplication(t *testing.T) {
	file := filepath.Join(t.TempDir(), "designer.sqlite")
	db, err := sql.Open("sqlite3", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`CREATE TABLE nflow (id INTEGER, name TEXT, json TEXT, default_js TEXT, tag TEXT)`,
		`INSERT INTO nflow VALUES (1, 'broken', '{"drawflow":', '', '')`,
		`INSERT INTO nflow VALUES (2, 'good', '{"s":{"data":{"type":"httpstart","path":"/x"}}}', '', '')`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := nflow(t, "import", file)
	if code != 1 || !strings.Contains(stdout, "imported workflow good") || !strings.Contains(stderr, "workflow broken: line 1:12: not valid JSON") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// A file without an end must not be read until the memory is full.
func TestEndlessFiles(t *testing.T) {
	for _, args := range [][]string{{"import", "/dev/zero"}, {"validate", "/dev/zero"}, {"run", "/dev/zero"}} {
		if code, _, stderr := nflow(t, args...); code != 1 || !strings.Contains(stderr, "larger than 64 MiB") {
			t.Errorf("%v: exit %d, %s", args, code, stderr)
		}
	}
}
