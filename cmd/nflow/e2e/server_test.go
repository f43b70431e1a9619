//go:build unix

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// adminToken is the token of the API in every test.
const adminToken = "token-of-the-end-to-end-tests"

// patience is how long a test waits for something that should happen soon.
const patience = 20 * time.Second

// process is a running nflow.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr output
	ended          chan struct{}
	base           string // http://127.0.0.1:port
}

// launch starts nflow in a folder with a clean environment and the given
// configuration file.
func launch(t *testing.T, folder, config string, args ...string) *process {
	t.Helper()
	return launchAs(t, nil, folder, config, args...)
}

// launchAs lets change adapt the command before it starts.
func launchAs(t *testing.T, change func(*exec.Cmd), folder, config string, args ...string) *process {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), os.Args[0], args...)
	p.cmd.Dir = folder
	p.cmd.Env = []string{
		playNflow + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + folder, "GOTRACEBACK=all",
		"NFLOW_AUTH_ADMIN_TOKEN=" + adminToken,
		"GORACE=atexit_sleep_ms=0", // reports are written when a race is seen; there is nothing to wait for
	}
	if dir := os.Getenv("GOCOVERDIR"); dir != "" {
		p.cmd.Env = append(p.cmd.Env, "GOCOVERDIR="+dir)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if change != nil {
		change(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the exit code is read from ProcessState
		close(p.ended)
	}()
	t.Cleanup(p.cleanUp)
	return p
}

var startedLine = regexp.MustCompile(`nFlow Runtime started.* url=(http://\S+)`)

// serve starts a server and waits until it listens.
func serve(t *testing.T, folder, config string, args ...string) *process {
	t.Helper()
	return serveAs(t, nil, folder, config, args...)
}

// serveAs lets change adapt the command before it starts.
func serveAs(t *testing.T, change func(*exec.Cmd), folder, config string, args ...string) *process {
	t.Helper()
	p := launchAs(t, change, folder, config, append([]string{"serve", "--address", "127.0.0.1:0"}, args...)...)
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if m := startedLine.FindStringSubmatch(p.stderr.String()); m != nil {
			p.base = m[1]
			return p
		}
		select {
		case <-p.ended:
			t.Fatalf("the server ended at once, code %d:\n%s", p.exitCode(), p.stderr.String())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not start:\n%s", p.stderr.String())
		}
	}
}

// wait returns the exit code of a process that ends by itself.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience + 20*time.Second):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // leaves its goroutines in the log
		<-p.ended
		p.t.Fatalf("nflow did not end:\n%s", p.stderr.String())
	}
	return p.exitCode()
}

func (p *process) exitCode() int { return p.cmd.ProcessState.ExitCode() }

// stop asks the server to end, and expects that it does so cleanly.
func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		p.t.Errorf("exit code %d after SIGTERM, want 0:\n%s", code, tail(p.stderr.String()))
	}
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// broken is how Go says that a program is, not what a plugin of it said.
var broken = regexp.MustCompile(`(?m)DATA RACE|^panic:|^fatal error:`)

// cleanUp ends what still runs; a data race or a panic fails the test however
// the process ended.
func (p *process) cleanUp() {
	select {
	case <-p.ended:
	default:
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
	log := p.stderr.String()
	if at := broken.FindStringIndex(log); at != nil {
		p.t.Errorf("nflow wrote %q:\n%.6000s", log[at[0]:at[1]], log[at[0]:])
	}
}
