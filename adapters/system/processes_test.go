//go:build linux

package system_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/system"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const (
	shell   = "/bin/sh"
	asNurse = "NFLOW_TEST_PROCESSES" // set: start a program that waits, and wait with it
)

func TestMain(m *testing.M) {
	if script := os.Getenv(asNurse); script != "" {
		p, _ := system.NewProcesses(system.ProcessesConfig{Executables: []string{shell}})
		_, _ = p.Exec(context.Background(), ports.Command{Path: shell, Args: []string{"-c", script}})
		return
	}
	// Orphans become children of this process, so that the tests can tell
	// whether any is left.
	const setChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setChildSubreaper, 1, 0); errno != 0 {
		panic(errno)
	}
	goleak.VerifyTestMain(m)
}

// sh runs a script; nothing of it may be left afterwards, not even a zombie.
func sh(t *testing.T, ctx context.Context, script string, c ports.Command) (ports.CommandResult, error) {
	t.Helper()
	p, err := system.NewProcesses(system.ProcessesConfig{Executables: []string{shell}})
	if err != nil {
		t.Fatal(err)
	}
	c.Path, c.Args = shell, append([]string{"-c", script}, c.Args...)
	if c.MaxOutput == 0 {
		c.MaxOutput = 1 << 20
	}
	result, err := p.Exec(ctx, c)
	if pid, waitErr := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); waitErr != syscall.ECHILD {
		t.Errorf("a process is left: %d, %v", pid, waitErr)
	}
	return result, err
}

func TestExec(t *testing.T) {
	for _, tt := range []struct {
		name, script, stdin string
		code                int
		stdout, stderr      string
		args                []string
	}{
		{"output", "echo out; echo err >&2", "", 0, "out\n", "err\n", nil},
		{"exit code", "exit 7", "", 7, "", "", nil},
		{"death by a signal", "kill -TERM $$", "", -1, "", "", nil},
		{"standard input", "cat", "line\n", 0, "line\n", "", nil},
		{"no standard input", "cat", "", 0, "", "", nil},
		{"standard input that nobody reads", "exit 0", strings.Repeat("x", 1<<20), 0, "", "", nil},
		{"arguments as they are", `printf '%s|' "$@"`, "", 0, "a b|$HOME|;ls|*|", "", []string{"sh", "a b", "$HOME", ";ls", "*"}},
		{"an empty directory", "ls -A", "", 0, "", "", nil},
		{"what it leaves in the background", "sleep 1000 & echo done", "", 0, "done\n", "", nil},
		{"grandchildren", "(sh -c 'sleep 1000 & sleep 1000' &) ; echo done", "", 0, "done\n", "", nil},
		{"one that ignores signals", "trap '' TERM INT HUP; (trap '' TERM; sleep 1000) & echo done", "", 0, "done\n", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := sh(t, t.Context(), tt.script, ports.Command{Stdin: []byte(tt.stdin), Args: tt.args})
			if err != nil || r.ExitCode != tt.code || string(r.Stdout) != tt.stdout || string(r.Stderr) != tt.stderr {
				t.Errorf("got %d, %q, %q, %v", r.ExitCode, r.Stdout, r.Stderr, err)
			}
		})
	}
}

func TestExecSeesNoEnvironmentAndNoDescriptors(t *testing.T) {
	t.Setenv("NFLOW_SECRET", "hush")
	inherited, err := syscall.Dup(2) // as a parent may leave it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Close(inherited) }()
	r, err := sh(t, t.Context(), "tr '\\0' '\\n' < /proc/$$/environ; ls /proc/$$/fd", ports.Command{})
	if got := strings.Fields(string(r.Stdout)); err != nil || strings.Join(got, " ") != "0 1 2" {
		t.Errorf("got %q, %v", r.Stdout, err)
	}
}

func TestExecStopsAtTheEndOfItsTime(t *testing.T) {
	for name, script := range map[string]string{
		"a program":         "sleep 1000",
		"its grandchildren": "sh -c 'sleep 1000' & sleep 1000",
		"one that ignores":  "trap '' TERM INT HUP; while :; do :; done",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			started := time.AfterFunc(50*time.Millisecond, cancel)
			defer started.Stop()
			if _, err := sh(t, ctx, script, ports.Command{}); fault.CodeOf(err) != fault.Cancelled || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if _, err := sh(t, ctx, script, ports.Command{}); fault.CodeOf(err) != fault.Cancelled {
				t.Errorf("started although its time was over: %v", err)
			}
		})
	}
}

func TestExecBoundsOutput(t *testing.T) {
	for name, script := range map[string]string{
		"endless":           "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
		"endless errors":    "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx >&2; done",
		"by a grandchild":   "(while :; do echo xxxxxxxxxxxx; done) & wait",
		"one byte too much": "printf 12345",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sh(t, t.Context(), script, ports.Command{MaxOutput: 4})
			if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_response_bytes" {
				t.Errorf("got %v", err)
			}
		})
	}
	if r, err := sh(t, t.Context(), "printf 1234; printf 5678 >&2", ports.Command{MaxOutput: 4}); err != nil || string(r.Stdout)+string(r.Stderr) != "12345678" {
		t.Errorf("just enough: %q, %v", r.Stdout, err)
	}
}

// Who leaves the group keeps the output open; it is not waited for.
func TestExecDoesNotWaitForDaemons(t *testing.T) {
	setsid, err := exec.LookPath("setsid")
	if err != nil {
		t.Skip("setsid is not installed")
	}
	p, err := system.NewProcesses(system.ProcessesConfig{Executables: []string{shell}})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r, err := p.Exec(t.Context(), ports.Command{Path: shell, Args: []string{"-c", setsid + " sh -c 'echo $$; exec sleep 1000' & sleep 0.3"}, MaxOutput: 100})
	if err != nil || time.Since(began) > 30*time.Second {
		t.Fatalf("after %s: %v", time.Since(began), err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(r.Stdout)))
	if err != nil {
		t.Fatal(err)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	_, _ = syscall.Wait4(pid, nil, 0, nil)
}

func TestExecDiesWithTheServer(t *testing.T) {
	note := filepath.Join(t.TempDir(), "pid")
	nurse := exec.Command(os.Args[0])
	nurse.Env = append(os.Environ(), asNurse+"=echo $$ > "+note+".part; mv "+note+".part "+note+"; exec sleep 1000")
	if err := nurse.Start(); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for range 1000 {
		if text, _ = os.ReadFile(note); len(text) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = nurse.Process.Kill()
	_ = nurse.Wait()
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil || status.Signal() != syscall.SIGKILL {
		t.Errorf("got %v, %v", status, err)
	}
	for err == nil { // the mv, if its shell died before it
		_, err = syscall.Wait4(-1, nil, 0, nil)
	}
}

func TestExecFaults(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "no-program")
	if err := os.WriteFile(none, []byte("\x00\x01 no program"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := system.NewProcesses(system.ProcessesConfig{Executables: []string{none, shell}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		c    ports.Command
		code fault.Code
		text string
	}{
		{"no program", ports.Command{Path: none}, fault.NodeFailed, "exec format error"},
		{"not listed", ports.Command{Path: "/bin/ls"}, fault.Forbidden, "vm_pool.allowed_executables"},
		{"listed in another spelling", ports.Command{Path: "/bin/../bin/sh"}, fault.Forbidden, "vm_pool.allowed_executables"},
		{"by name", ports.Command{Path: "sh"}, fault.Forbidden, "vm_pool.allowed_executables"},
		{"zero byte", ports.Command{Path: shell, Args: []string{"a\x00b"}}, fault.Invalid, "zero byte"},
	} {
		if _, err := p.Exec(t.Context(), tt.c); fault.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	if err := os.Remove(none); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Exec(t.Context(), ports.Command{Path: none}); fault.CodeOf(err) != fault.NodeFailed || strings.Contains(err.Error(), "fork/exec") {
		t.Errorf("gone: got %v", err)
	}
}

func TestExecInTheScriptsDirectory(t *testing.T) {
	dir := t.TempDir()
	p, err := system.NewProcesses(system.ProcessesConfig{Executables: []string{shell}, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Exec(t.Context(), ports.Command{Path: shell, Args: []string{"-c", "echo made > a.txt"}, MaxOutput: 100}); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "a.txt")); string(b) != "made\n" {
		t.Errorf("got %q", b)
	}
}

func TestTemporaryDirectoriesAreRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	r, err := sh(t, t.Context(), "mkdir x; echo > x/y; pwd", ports.Command{})
	if err != nil || !strings.HasPrefix(string(r.Stdout), os.TempDir()) {
		t.Fatalf("got %q, %v", r.Stdout, err)
	}
	if left, _ := os.ReadDir(os.TempDir()); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestProgramsAreCheckedAtStart(t *testing.T) {
	top := t.TempDir()
	root := filepath.Join(top, "root")
	for name, mode := range map[string]os.FileMode{"plain": 0o600, "program": 0o700, "root/inside": 0o700} {
		if err := os.MkdirAll(root, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(top, name), []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	for link, target := range map[string]string{"link": "program", "dangling": "nowhere", "inward": "root/inside"} {
		if err := os.Symlink(target, filepath.Join(top, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"program": "", "link": "", "missing": "no such file", "dangling": "no such file", "plain": "is not executable",
		"root": "is not a file", "root/inside": "below vm_pool.filesystem_root", "inward": "below vm_pool.filesystem_root",
	} {
		_, err := system.NewProcesses(system.ProcessesConfig{Executables: []string{filepath.Join(top, name)}, Dir: root})
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "vm_pool.allowed_executables")) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if _, err := system.NewProcesses(system.ProcessesConfig{Executables: []string{"sh"}}); err == nil {
		t.Error("a name is no path")
	}
	if _, err := system.NewProcesses(system.ProcessesConfig{Executables: []string{top + "/a", top + "/b"}}); len(strings.Split(err.Error(), "\n")) != 2 {
		t.Errorf("not every fault: %v", err)
	}
}
