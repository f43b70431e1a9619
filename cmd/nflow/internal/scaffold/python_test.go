package scaffold_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

func pythonProbe(t testing.TB) *pythonPeer {
	t.Helper()
	return startPython(t, built(t, scaffold.Python, probe(scaffold.Python)))
}

func function(name string) wire.Request { return wire.Request{Op: wire.Function, Name: name} }

// TestPythonSpeaksGoPlugin wants what go-plugin's client does beside calls.
func TestPythonSpeaksGoPlugin(t *testing.T) {
	p := pythonProbe(t)
	if err := p.rpc.Ping(); err != nil {
		t.Errorf("ping: %v", err)
	}
	if !strings.Contains(p.said.String(), "this goes to the log") {
		t.Errorf("what it printed is lost: %q", p.said)
	}
	began := time.Now()
	p.client.Kill()
	if took := time.Since(began); took > 1900*time.Millisecond {
		t.Errorf("it ended after %v only, so it was killed", took)
	}
	if !p.client.Exited() {
		t.Error("it runs on")
	}
}

func TestPythonSurvivesItsMembers(t *testing.T) {
	p := pythonProbe(t)
	for _, tt := range []struct{ member, want string }{
		{"crash", `internal: KeyError: 'secret'`},
		{"unfit", `internal: TypeError: *`},
		{"leave", `internal: SystemExit: 3`},
		{"fail", `conflict: "no" and no`},
		{"word", `""`},
	} {
		t.Run(tt.member, func(t *testing.T) { alike(t, ask(t, p, function(tt.member), `[]`, nil).outcome(), tt.want) })
	}
	if !strings.Contains(p.said.String(), "Traceback") {
		t.Error("no traceback was logged")
	}
}

func TestPythonAnswersManyAtOnce(t *testing.T) {
	p := pythonProbe(t)
	var calls sync.WaitGroup
	for i := range 20 {
		calls.Go(func() {
			key := fmt.Sprintf("k%d", i)
			got := ask(t, p, function("kv"), fmt.Sprintf(`[%q,%d]`, key, i), memory(new([]string))).outcome()
			alike(t, got, fmt.Sprint(i))
		})
	}
	calls.Wait()
}

// TestPythonStopsWhenCancelled cancels a call that computes and one that waits
// for its host.
func TestPythonStopsWhenCancelled(t *testing.T) {
	p := pythonProbe(t)
	for _, member := range []string{"spin", "stubborn"} {
		t.Run(member, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			h, _ := json.Marshal(function(member))
			host := func(ctx context.Context, _ wire.Frame) wire.Frame {
				cancel()
				<-ctx.Done()
				return wire.Frame{Header: []byte("{}")}
			}
			i, err := p.plugin.Invoke(ctx, wire.Frame{Header: h, Payload: []byte("[]")}, host)
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-i.Ended():
			case <-time.After(patience):
				t.Fatal("it never stopped")
			}
			alike(t, ask(t, p, function("word"), `[]`, nil).outcome(), `""`)
		})
	}
}

// TestPythonStopsWithItsStream gives the stream up without a word.
func TestPythonStopsWithItsStream(t *testing.T) {
	p := pythonProbe(t)
	began := make(chan struct{})
	h, _ := json.Marshal(function("spin"))
	i, err := p.plugin.Invoke(t.Context(), wire.Frame{Header: h, Payload: []byte("[]")}, func(context.Context, wire.Frame) wire.Frame {
		close(began)
		return wire.Frame{Header: []byte("{}")}
	})
	if err != nil {
		t.Fatal(err)
	}
	<-began
	before := cpuTime(t, p.command.Process.Pid)
	i.Abort()
	for deadline := time.Now().Add(patience); ; {
		time.Sleep(200 * time.Millisecond)
		now := cpuTime(t, p.command.Process.Pid)
		if now-before <= 3 {
			return // hundredths of a second
		}
		if before = now; time.Now().After(deadline) {
			t.Fatal("it computes on, for nobody")
		}
	}
}

// cpuTime is what a process has used, in clock ticks.
func cpuTime(t testing.TB, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skipf("no /proc here: %v", err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	var user, system int
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		t.Fatal(err)
	}
	return user + system
}

func TestPythonSaysWhyItDoesNotStart(t *testing.T) {
	program := built(t, scaffold.Python, probe(scaffold.Python))
	t.Run("by hand", func(t *testing.T) {
		c := exec.Command(program)
		c.Env = []string{}
		out, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "nFlow plugin probe 0.1.0") || !strings.Contains(string(out), "no_tls = true") {
			t.Errorf("%v: %s", err, out)
		}
	})
	for _, tt := range []struct{ name, env, want string }{
		{"TLS", "PLUGIN_CLIENT_CERT=x", "plugins.no_tls"},
		{"another Python", "PYTHONPATH=" + withoutGRPC(t), "python3-grpcio"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := tryPython(t, program, tt.env)
			if err == nil {
				t.Fatal("it started")
			}
			p.client.Kill()
			if !strings.Contains(p.said.String(), tt.want) {
				t.Errorf("it said %q", p.said)
			}
		})
	}
}

// withoutGRPC is a directory that hides grpcio.
func withoutGRPC(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "grpc.py"), []byte("raise ImportError('hidden')\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPythonEndsWithItsParent starts it below a shell that is killed.
func TestPythonEndsWithItsParent(t *testing.T) {
	program := built(t, scaffold.Python, probe(scaffold.Python))
	dir := socketDir(t)
	shell := exec.Command("/bin/sh", "-c", program+"; true")
	shell.Env = []string{"PLUGIN_UNIX_SOCKET_DIR=" + dir, process.CookieKey + "=" + process.CookieValue}
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 200)
	n, err := out.Read(line)
	parts := strings.Split(string(line[:n]), "|")
	if err != nil || len(parts) < 5 || parts[0] != "1" || parts[1] != "1" || parts[2] != "unix" || parts[4] != "grpc" {
		t.Fatalf("handshake %q: %v", line[:n], err)
	}
	if info, err := os.Stat(parts[3]); err != nil || info.Mode()&os.ModeSocket == 0 {
		t.Fatalf("no socket %s: %v", parts[3], err)
	}
	if err := shell.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = shell.Wait()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(parts[3]); err != nil {
			return // it removed its socket, and ended
		}
	}
	t.Error("it runs on without its parent")
}

// TestPythonUnits runs the unit tests written in Python.
func TestPythonUnits(t *testing.T) {
	need(t, scaffold.Python)
	for _, dir := range []string{"../../../../plugins-sdk/python", example(scaffold.Python)} {
		c := exec.Command("python3", "-B", "-m", "unittest")
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "OK") {
			t.Errorf("%s: %v\n%s", dir, err, out)
		}
	}
}
