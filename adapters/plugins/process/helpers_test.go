//go:build linux

package process_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// journal keeps log lines.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// quick is a configuration whose waits are short.
func quick(t testing.TB) (process.Config, *journal) {
	t.Helper()
	j := &journal{}
	return process.Config{
		RunDir:    shortDir(t),
		Log:       slog.New(slog.NewTextHandler(j, nil)),
		Grace:     50 * time.Millisecond,
		Backoff:   time.Millisecond,
		Patience:  20 * time.Second,
		StartTime: 20 * time.Second,
	}, j
}

// shortDir is a private directory whose path sockets can have.
func shortDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "p")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func newLoader(t testing.TB, cfg process.Config) *process.Loader {
	t.Helper()
	l, err := process.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Errorf("close the loader: %v", err)
		}
		nothingLeft(t, cfg.RunDir)
	})
	return l
}

// nothingLeft says that the directory holds no instance, and no process knows it.
func nothingLeft(t testing.TB, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "i*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if pids := knowing(dir); len(pids) > 0 {
		t.Errorf("these processes live: %v", pids)
	}
}

// knowing are the living processes whose environment names a directory.
func knowing(dir string) []string {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []string
	for _, f := range files {
		env, err := os.ReadFile(f)
		if err == nil && bytes.Contains(env, []byte("PLUGIN_UNIX_SOCKET_DIR="+dir+"/")) {
			pids = append(pids, f)
		}
	}
	return pids
}

func spec(artifact []byte) ports.PluginSpec {
	sum := sha256.Sum256(artifact)
	return ports.PluginSpec{
		Name: "actor", Artifact: artifact, SHA256: hex.EncodeToString(sum[:]),
		MaxConcurrent: 4, MaxPayload: 8 << 20, CallTimeout: 5 * time.Second,
		Env: map[string]string{"PLAY": "plugin"},
	}
}

// self is this test program, which is also a plugin.
var self = sync.OnceValues(func() ([]byte, error) { return os.ReadFile("/proc/self/exe") })

func actorSpec(t testing.TB) ports.PluginSpec {
	t.Helper()
	b, err := self()
	if err != nil {
		t.Fatal(err)
	}
	return spec(b)
}

func open(t testing.TB, l *process.Loader, s ports.PluginSpec) ports.Plugin {
	t.Helper()
	p, err := l.Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// host answers all host calls alike.
type host struct{}

func (host) CallHost(context.Context, string, payload.Value) (payload.Value, error) {
	return payload.Parse([]byte(`{"found":false}`))
}

func call(ctx context.Context, p ports.Plugin, name, body string) (string, error) {
	c := ports.PluginCall{Op: ports.PluginFunction, Name: name}
	if body != "" {
		v, err := payload.Parse([]byte(body))
		if err != nil {
			return "", err
		}
		c.Payload = v
	}
	r, err := p.Call(ctx, c, host{})
	return string(r.Payload.Bytes()), err
}

func mustCall(t testing.TB, p ports.Plugin, name, body string) string {
	t.Helper()
	got, err := call(context.Background(), p, name, body)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return got
}

func configure(ctx context.Context, p ports.Plugin, settings string) error {
	v, err := payload.Parse([]byte(settings))
	if err != nil {
		return err
	}
	_, err = p.Call(ctx, ports.PluginCall{Op: ports.PluginConfigure, Payload: v}, nil)
	return err
}

func decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}

// wantFault checks the code and parts of the message.
func wantFault(t testing.TB, err error, code fault.Code, parts ...string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("got %v (%s), want %s", err, fault.CodeOf(err), code)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got %q, want %q in it", err, part)
		}
	}
}

// eventually waits for a condition that other processes bring about.
func eventually(t testing.TB, what string, within time.Duration, f func() bool) {
	t.Helper()
	for end := time.Now().Add(within); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", within, what)
		}
	}
}

func alive(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	text, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(text), ") ")
	return err == nil && !strings.HasPrefix(after, "Z")
}
