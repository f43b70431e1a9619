package sqlstore_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	child "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
)

const victimVariable = "NFLOW_TEST_VICTIM" // "backup|restore|discard FROM TO STEP"

// victim is a process that copies, and ends at a step without a farewell.
func victim(t *testing.T, what, from, to string, step int) *child.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := child.CommandContext(t.Context(), self, "-test.run=^TestVictim$")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", victimVariable+"="+strings.Join([]string{what, from, to, fmt.Sprint(step)}, " "))
	return cmd
}

// TestVictim is that process.
func TestVictim(t *testing.T) {
	var what, from, to string
	var last int
	if n, err := fmt.Sscan(os.Getenv(victimVariable), &what, &from, &to, &last); n == 0 {
		return // an ordinary run of the tests
	} else if err != nil {
		t.Fatal(err)
	}
	step := 0
	progress := func(int, int) {
		if step++; step == last {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			t.Fatal(err)
		}
	}
	var err error
	if what == "backup" {
		_, err = sqlstore.BackUp(t.Context(), configOf(from), sqlstore.Backup{File: to, Progress: progress})
	} else {
		_, err = sqlstore.ReplaceBy(t.Context(), configOf(to), sqlstore.Restore{File: from, Discard: what == "discard", Progress: progress})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// TestKilledWhileRestoring kills processes that restore: at each step of the
// copying, and at any time. What is there afterwards is the old database or the
// new one, whole.
func TestKilledWhileRestoring(t *testing.T) {
	backup, file := backupOf(t, "new"), newFile(t, "old")
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	round := func(name string, step int, kill func(*child.Cmd)) {
		for _, leftover := range []string{"-wal", "-shm", "-journal"} {
			_ = os.Remove(file + leftover) // of the round before
		}
		if err := os.WriteFile(file, old, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := victim(t, "restore", backup, file, step)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill(cmd)
		_ = cmd.Wait() // as it was told, or killed
		got := holds(t, file)
		if seen[got]++; got != "old" && got != "new" {
			t.Errorf("%s: it holds %q", name, got)
		}
	}
	start := time.Now()
	round("not at all", 0, func(cmd *child.Cmd) { _ = cmd.Wait() })
	whole := time.Since(start)
	for step := 1; step <= 3; step++ { // the third is after the last page
		round(fmt.Sprint("step ", step), step, func(*child.Cmd) {})
	}
	if seen["new"] != 2 || seen["old"] != 2 {
		t.Errorf("after the steps: %v", seen)
	}
	for n := range 20 {
		after := whole/4 + time.Duration(rand.Int64N(int64(whole)))
		round(fmt.Sprint(n, " after ", after), 0, func(cmd *child.Cmd) {
			time.Sleep(after) // the moment itself is what is tried
			_ = cmd.Process.Kill()
		})
	}
	t.Logf("killed within %s: %v", whole, seen)
}

// TestKilledWhileBackingUp leaves no file of that name, and another backup works.
func TestKilledWhileBackingUp(t *testing.T) {
	file, target := newFile(t, "a"), filepath.Join(t.TempDir(), "copy")
	for step := 1; step <= 2; step++ {
		if err := victim(t, "backup", file, target, step).Run(); err == nil {
			t.Errorf("it survived step %d", step)
		}
		if _, err := os.Lstat(target); err == nil {
			t.Error("there is half a backup")
		}
	}
	if _, err := sqlstore.BackUp(t.Context(), configOf(file), sqlstore.Backup{File: target}); err != nil {
		t.Fatal(err)
	}
	if got := holds(t, target); got != "a" {
		t.Errorf("it holds %q", got)
	}
}

// TestNoRoom lets files grow to a part of what is needed only.
func TestNoRoom(t *testing.T) {
	backup, file := backupOf(t, "new"), newFile(t, "old")
	limited := func(what, from, to string) string {
		t.Helper()
		cmd := victim(t, what, from, to, 0)
		cmd.Args = append([]string{"sh", "-c", `ulimit -f 1500; exec "$0" "$@"`}, cmd.Args...)
		cmd.Path = "/bin/sh"
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 3 {
			t.Fatalf("%s: %v: %s", what, err, out)
		}
		return string(out)
	}
	dir := t.TempDir()
	if said := limited("backup", file, filepath.Join(dir, "copy")); !strings.Contains(said, "disk") {
		t.Errorf("it says %q", said)
	}
	alone(t, dir)
	for _, what := range []string{"restore", "discard"} {
		if said := limited(what, backup, file); !strings.Contains(said, "disk") {
			t.Errorf("%s: it says %q", what, said)
		}
	}
	alone(t, filepath.Dir(file), "old.sqlite")
	if got := holds(t, file); got != "old" {
		t.Errorf("it holds %q", got)
	}
}
