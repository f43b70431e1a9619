package cli_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// TestMigrateSays runs migrate on a fresh, a current and a newer database.
func TestMigrateSays(t *testing.T) {
	for driver, dsn := range map[string]string{"sqlite3": filepath.Join(t.TempDir(), "a.sqlite"), "postgres": pgtest.DSN(t)} {
		t.Run(driver, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(file, fmt.Appendf(nil, "[database_nflow]\ndriver = %q\ndsn = %q\n", driver, dsn), 0o600); err != nil {
				t.Fatal(err)
			}
			says := func(wantCode int, want string, args ...string) {
				t.Helper()
				code, out, problems := command(t, append([]string{"migrate", "--config", file}, args...)...)
				if code != wantCode || !strings.Contains(out+problems, want) || (code == 0) != (problems == "") {
					t.Errorf("%v: exit code %d, want %d and %q: %s%s", args, code, wantCode, want, out, problems)
				}
			}
			says(0, "pending 00001_designer\npending 00002_store\n", "--dry-run")
			says(0, "nothing was changed; nflow migrate does it", "--dry-run")
			says(0, "applied 00001_designer\napplied 00002_store\n")
			says(0, "the schema is up to date\n", "--dry-run")
			says(0, "the schema is up to date\n")
			db, err := sql.Open(driver, dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), "INSERT INTO nf_migrations (version_id, is_applied) VALUES (999999, true)"); err != nil {
				t.Fatal(err)
			}
			const newer = "error: a newer nflow migrated this database: its schema is version 999999, this program knows up to "
			says(1, newer, "--dry-run")
			says(1, newer)
		})
	}
}
