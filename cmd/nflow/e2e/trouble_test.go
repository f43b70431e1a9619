//go:build linux

package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const nobody = 65534

// plainUser makes a command obey file permissions, which root does not. The
// binary is passed open, as its folder is closed to others.
func plainUser(t *testing.T, folder string) func(*exec.Cmd) {
	t.Helper()
	if os.Geteuid() != 0 {
		return func(*exec.Cmd) {}
	}
	if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Chown(path, nobody, nobody)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = binary.Close() })
	return func(cmd *exec.Cmd) {
		cmd.ExtraFiles, cmd.Path = []*os.File{binary}, "/proc/self/fd/3"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// wantRefusal expects nflow to end with code 1 and one clear line.
func (p *process) wantRefusal(text string) {
	p.t.Helper()
	code, said := p.wait(), p.stderr.String()
	if code != 1 || !strings.Contains(said, text) || strings.Contains(said, "goroutine ") {
		p.t.Errorf("exit code %d, want 1 with %q:\n%s", code, text, said)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestDatabaseFolderMissing(t *testing.T) {
	p := launch(t, t.TempDir(), "[database_nflow]\ndsn = \"not/there/app.sqlite\"\n", "serve", "--address", "127.0.0.1:0")
	p.wantRefusal("its directory does not exist; create it")
}

func TestDatabaseReadOnly(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder, "")
	p.publish("kept", "return 'still here';")
	p.stop()

	file := filepath.Join(folder, "app.sqlite")
	asUser := plainUser(t, folder)
	chmod(t, file, 0o444)
	chmod(t, folder, 0o555)
	launchAgain(t, asUser, folder).wantRefusal("the database file is read-only")

	chmod(t, folder, 0o755)
	chmod(t, file, 0o600)
	p = serve(t, folder, "")
	newBrowser(t, p.base).get("/kept").want(http.StatusOK, "still here")
	p.stop()
}

// launchAgain starts a server whose configuration is there already.
func launchAgain(t *testing.T, change func(*exec.Cmd), folder string) *process {
	t.Helper()
	other := t.TempDir() // launch writes a configuration, which the folder refuses
	chmod(t, filepath.Dir(other), 0o755)
	chmod(t, other, 0o755)
	p := launchAs(t, func(cmd *exec.Cmd) {
		cmd.Dir = folder
		change(cmd)
	}, other, "", "serve", "--address", "127.0.0.1:0")
	return p
}

// TestDatabaseLocked has another process hold the file, at the start and later.
func TestDatabaseLocked(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder, "")
	p.publish("kept", "return 'still here';")

	const lock = "another process has locked the database file"
	other := openSQL(t, "sqlite3", filepath.Join(folder, "app.sqlite"))
	other.SetMaxOpenConns(1)
	execSQL(t, other, "BEGIN IMMEDIATE")
	began := time.Now()
	p.admin(http.MethodPut, "/api/admin/workflows/late", scripted("late", "return 'late';")).
		want(http.StatusServiceUnavailable, lock)
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("the refusal took %s", took)
	}
	newBrowser(t, p.base).get("/late").want(http.StatusNotFound, "")
	newBrowser(t, p.base).get("/kept").want(http.StatusOK, "still here")
	execSQL(t, other, "COMMIT")
	p.publish("late", "return 'late';")
	p.stop()

	execSQL(t, other, "BEGIN EXCLUSIVE")
	second := launch(t, folder, "", "serve", "--address", "127.0.0.1:0")
	second.wantRefusal(lock)
	execSQL(t, other, "COMMIT")
	p = serve(t, folder, "")
	newBrowser(t, p.base).get("/late").want(http.StatusOK, "late")
	p.stop()
}
