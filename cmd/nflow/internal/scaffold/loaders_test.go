package scaffold_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// TestPythonRunsAsNFlowRunsIt opens a plugin with the loader of programs, its
// limits and its empty environment.
func TestPythonRunsAsNFlowRunsIt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("limits are those of Linux")
	}
	said := &journal{}
	p := openProcess(t, said, built(t, scaffold.Python, probe(scaffold.Python)), 64<<20)
	call := func(name, args string) (ports.PluginResult, error) {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		return p.Call(ctx, ports.PluginCall{Op: ports.PluginFunction, Name: name, Payload: payload.Trusted([]byte(args))}, nil)
	}
	var calls sync.WaitGroup
	for i := range 8 {
		calls.Go(func() {
			r, err := call("next", fmt.Sprintf("[%d]", i))
			if err != nil || string(r.Payload.Bytes()) != fmt.Sprint(i+1) {
				t.Errorf("%s, %v", r.Payload.Bytes(), err)
			}
		})
	}
	calls.Wait()
	if _, err := call("die", `[]`); fault.As(err).Code != fault.PluginFailed && fault.As(err).Code != fault.Unavailable {
		t.Errorf("a plugin that ended: %v", err)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		r, err := call("next", `[1]`)
		if err == nil && bytes.Equal(r.Payload.Bytes(), []byte("2")) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it never came back: %v", err)
		}
	}
}

func openProcess(t testing.TB, said *journal, path string, memoryBytes int64) ports.Plugin {
	t.Helper()
	artifact, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "nflow-py-") // short enough for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := process.New(process.Config{RunDir: dir, Log: slog.New(slog.NewTextHandler(said, nil)), StartTime: patience})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	p, err := l.Open(t.Context(), ports.PluginSpec{
		Name: "probe", Artifact: artifact, SHA256: plugin.Digest(artifact), MemoryBytes: memoryBytes,
		MaxConcurrent: 4, MaxPayload: 1 << 20, CallTimeout: patience, NoTLS: true,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestModulesRunAsNFlowRunsThem opens the examples with the loader of modules,
// which refuses more than the plain host of the other tests.
func TestModulesRunAsNFlowRunsThem(t *testing.T) {
	for _, l := range []scaffold.Language{scaffold.C, scaffold.AssemblyScript} {
		t.Run(string(l), func(t *testing.T) {
			artifact, err := os.ReadFile(built(t, l, example(l)))
			if err != nil {
				t.Fatal(err)
			}
			loader, err := wasm.New(wasm.Config{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			p, err := loader.Open(t.Context(), ports.PluginSpec{
				Name: "hello", Artifact: artifact, SHA256: plugin.Digest(artifact), MemoryBytes: 4 << 20,
				MaxConcurrent: 2, MaxPayload: 1 << 20, CallTimeout: patience,
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = p.Close(context.Background()) })
			r, err := p.Call(t.Context(), ports.PluginCall{Op: ports.PluginFunction, Name: "greet", Payload: payload.Trusted([]byte(`["Ana"]`))}, nil)
			if err != nil || string(r.Payload.Bytes()) != `"Hello, Ana!"` {
				t.Errorf("%s, %v", r.Payload.Bytes(), err)
			}
		})
	}
}
