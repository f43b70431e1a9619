package plugintest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func testConcurrency(t *testing.T, s Subject) {
	p := s.open(t)
	const each = 20
	together(func(w int) {
		for i := range each {
			text := fmt.Sprintf(`"%d of %d"`, i, w)
			same(t, "answer", ask(t, p, "echo", "["+text+"]"), text)
		}
	})
}

// testNeighbours wants calls to be answered while another one never ends.
func testNeighbours(t *testing.T, s Subject) {
	for _, fn := range endless() {
		t.Run(fn[0], func(t *testing.T) {
			p := s.open(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			h := newHost()
			done := make(chan error, 1)
			go func() {
				_, err := p.Call(ctx, function(fn[0], fn[1]), h)
				done <- err
			}()
			h.waitBegan(t)
			for range 20 {
				same(t, "answer", ask(t, p, "echo", `["beside"]`), `"beside"`)
			}
			cancel()
			oneOf(t, <-done, fault.Cancelled)
		})
	}
}

// testOutput wants what a plugin prints not to disturb it, even what looks like a
// part of some protocol.
func testOutput(t *testing.T, s Subject) {
	p := s.open(t)
	for name, args := range map[string]string{
		"nothing": `["",1]`, "a handshake": `["1|1|tcp|127.0.0.1:1|grpc|",3]`, "no text": `["\u0000\u0001\ufffd",2]`,
		"long lines": `["` + strings.Repeat("x", 100_000) + `",10]`, "many lines": `["line",5000]`,
	} {
		t.Run(name, func(t *testing.T) { same(t, "outcome", ask(t, p, "print", args), "true") })
	}
	recovers(t, p)
}

func testEnvironment(t *testing.T, s Subject) {
	t.Setenv("NFLOW_SECRET_OF_THE_HOST", "swordfish")
	p := s.open(t, func(spec *ports.PluginSpec) { spec.Env = map[string]string{"PROBE_ENV": "ñ=1"} })
	var env map[string]string
	if err := json.Unmarshal([]byte(ask(t, p, "env", `[]`)), &env); err != nil {
		t.Fatal(err)
	}
	same(t, "PROBE_ENV", env["PROBE_ENV"], "ñ=1")
	for _, name := range []string{"NFLOW_SECRET_OF_THE_HOST", "PATH", "HOME"} {
		if v, found := env[name]; found {
			t.Errorf("it sees %s = %q of the host", name, v)
		}
	}
	if s.Sandboxed {
		same(t, "all it sees", env, map[string]string{"PROBE_ENV": "ñ=1"})
	}
}

func testFiles(t *testing.T, s Subject) {
	if !s.Sandboxed {
		t.Skip("what this loader runs is trusted with files")
	}
	outside, inside := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		filepath.Join(outside, "secret"): "swordfish", filepath.Join(inside, "a.txt"): "ñ", filepath.Join(inside, "sub", "b.txt"): "b",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	p := s.open(t, func(spec *ports.PluginSpec) { spec.Mounts = map[string]string{"/data": inside} })
	for _, tt := range []struct{ name, function, path, want string }{
		{"file", "readfile", "/data/a.txt", `"ñ"`},
		{"file below", "readfile", "/data/sub/b.txt", `"b"`},
		{"missing", "readfile", "/data/none", "forbidden: *"},
		{"out by ..", "readfile", "/data/../" + filepath.Join(outside, "secret"), "forbidden: *"},
		{"out by more ..", "readfile", "/data/sub/../../../../../../.." + filepath.Join(outside, "secret"), "forbidden: *"},
		{"out by a link", "readfile", "/data/link", "forbidden: *"},
		{"file of the host", "readfile", filepath.Join(outside, "secret"), "forbidden: *"},
		{"passwords", "readfile", "/etc/passwd", "forbidden: *"},
		{"write", "writefile", "/data/a.txt", "forbidden: *"},
		{"create", "writefile", "/data/new.txt", "forbidden: *"},
		{"create elsewhere", "writefile", "/tmp/probe-was-here", "forbidden: *"},
	} {
		t.Run(tt.name, func(t *testing.T) { same(t, "outcome", ask(t, p, tt.function, fmt.Sprintf("[%q]", tt.path)), tt.want) })
	}
}

func testClose(t *testing.T, s Subject) {
	p, err := s.Loader(t).Open(t.Context(), s.spec())
	if err != nil {
		t.Fatal(err)
	}
	recovers(t, p)
	if err := p.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err = bounded(t, p, function("echo", `[1]`), &host{})
	oneOf(t, err, fault.Unavailable)
	same(t, "status", p.State().Status, "closed")
	if err := p.Close(context.Background()); err != nil {
		t.Errorf("close it again: %v", err)
	}
}

// testGoroutines wants nothing to be left of a plugin that was used and misused.
func testGoroutines(t *testing.T, s Subject) {
	loader := s.Loader(t)
	use := func() {
		p, err := loader.Open(t.Context(), s.spec())
		if err != nil {
			t.Fatal(err)
		}
		recovers(t, p)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, _ = p.Call(ctx, function("deaf", `[60000]`), newHost())
		recovers(t, p)
		if err := p.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	use() // a loader may keep what all plugins share
	before := runtime.NumGoroutine()
	use()
	until := time.Now().Add(patience)
	for runtime.NumGoroutine() > before {
		if time.Now().After(until) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}
