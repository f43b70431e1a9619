package sqlstore_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// A file that was deleted or replaced takes no more writes: nobody would find them.
func TestFileThatIsGone(t *testing.T) {
	for name, do := range map[string]func(file string) error{
		"deleted": os.Remove,
		"replaced": func(file string) error {
			if err := os.WriteFile(file+".new", nil, 0o600); err != nil {
				return err
			}
			return os.Rename(file+".new", file)
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "app.sqlite")
			s, err := sqlstore.Open(t.Context(), sqlstore.Config{Driver: sqlstore.SQLite, DSN: file})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			put := func() error {
				_, err := s.Put(t.Context(), ports.Workflow{ID: "x"}, ports.AnyVersion)
				return err
			}
			if err := put(); err != nil {
				t.Fatal(err)
			}
			if err := do(file); err != nil {
				t.Fatal(err)
			}
			if err := put(); fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("a write: %v", err)
			}
			if err := s.Ping(t.Context()); fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("health: %v", err)
			}
		})
	}
}

func TestBackupOfAnotherDatabase(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "app.sqlite"), filepath.Join(dir, "keep.sqlite")
	for _, file := range []string{source, target} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(target, []byte("a good backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sqlstore.BackUp(t.Context(), sqlstore.Config{Driver: sqlstore.SQLite, DSN: source}, sqlstore.Backup{File: target, Overwrite: true})
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
	if kept, err := os.ReadFile(target); err != nil || string(kept) != "a good backup" {
		t.Errorf("the old backup is now %q, %v", kept, err)
	}
}
