package wasm_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	w "github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/wasmtest"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// echo answers with its request, byte for byte.
func echo() w.Plugin {
	p := w.Plugin{Memory: []byte{0, 40}}
	p.Call = w.Code(
		w.Do(w.InputLen), w.Set(0), w.I32(4096), w.Get(0), w.Do(w.InputRead), w.Set(1),
		w.I32(4096), w.Get(1), w.Do(w.OutputWrite), w.I32(0),
	)
	return p
}

// inPieces does the same, three bytes at a time.
func inPieces() w.Plugin {
	return w.Plugin{Call: w.Code(
		w.Op(0x03, 0x40),
		w.I32(4096), w.I32(3), w.Do(w.InputRead), w.Op(0x22, 0), // tee
		w.Op(0x04, 0x40), w.I32(4096), w.Get(0), w.Do(w.OutputWrite), w.Op(0x0c, 1, 0x0b, 0x0b), w.I32(0),
	)}
}

// viaHost hands its request to the host and answers with the reply.
func viaHost() w.Plugin {
	p := echo()
	p.Call = w.Code(
		w.I32(4096), w.I32(9000), w.Do(w.InputRead), w.Set(0), w.I32(4096), w.Get(0), w.Do(w.HostCall), w.Set(0),
		w.I32(16384), w.Get(0), w.Do(w.HostRead), w.Set(1), w.I32(16384), w.Get(1), w.Do(w.OutputWrite), w.I32(0),
	)
	return p
}

func TestCalls(t *testing.T) {
	tests := []struct {
		name   string
		plugin w.Plugin
		header string
	}{
		{"at once", echo(), `{"op":"function"}`},
		{"in pieces", inPieces(), `{"op":"function"}`},
		{"through the host", viaHost(), `{}`},
	}
	for _, tt := range tests {
		for _, interpret := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				spec := specOf(tt.plugin.Bytes())
				spec.Interpret, spec.CallTimeout = interpret, 20*time.Second
				p := open(t, spec)
				for range 3 {
					f, err := call(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					if string(f.Header) != tt.header || string(f.Payload) != `[1]` {
						t.Errorf("answer %s %s", f.Header, f.Payload)
					}
				}
				if s := p.State(); s.Status != "ok" || s.Restarts != 0 || s.MemoryBytes != int64(max(2, len(tt.plugin.Memory)*20))<<16 {
					t.Errorf("state %+v", s)
				}
			})
		}
	}
}

// TestInstances counts instances by what they remember.
func TestInstances(t *testing.T) {
	// The answer is a frame whose payload is a digit that each call increments.
	p := w.Fixed(`{}`, `0`)
	at := int32(w.AnswerAt + 6)
	p.Call = w.Code(w.I32(at), w.I32(at), w.Op(0x2d, 0, 0), w.I32(1), w.Op(0x6a), w.Op(0x3a, 0, 0), p.Call)
	spec := specOf(p.Bytes())
	spec.CallTimeout = 20 * time.Second
	plugin := open(t, spec)
	for _, want := range []string{"1", "2", "3"} {
		f, err := call(t.Context(), plugin)
		if err != nil || string(f.Payload) != want {
			t.Errorf("payload %s, %v; want %s from the same instance", f.Payload, err, want)
		}
	}
	// A configure call reaches instances made later as well.
	if _, err := plugin.Call(t.Context(), wire.Configure, wire.Frame{Header: []byte(`{}`)}, nil); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := call(cancelled, plugin)
	wantFault(t, err, fault.Cancelled)
	if f, err := call(t.Context(), plugin); err != nil || string(f.Payload) == "1" {
		t.Errorf("payload %s, %v; a new instance was not configured", f.Payload, err)
	}
}

func TestStarts(t *testing.T) {
	start := func(code []byte) []byte {
		p := fixed()
		p.Funcs, p.Start = []w.Func{{Type: w.TypeNone, Code: code}}, w.First
		return p.Bytes()
	}
	initialize := func(code []byte) []byte {
		p := fixed()
		p.Funcs, p.Exports = []w.Func{{Type: w.TypeNone, Code: code}}, []w.Export{{Name: "_initialize", Index: w.First}}
		return p.Bytes()
	}
	version := fixed()
	version.Version = w.I32(2)
	outside := fixed()
	outside.Data = append(outside.Data, w.Data{At: 2 << 16, Bytes: []byte("x")})
	below := fixed()
	below.Data = append(below.Data, w.Data{At: -1, Bytes: []byte("x")})
	tests := []struct {
		name   string
		module []byte
		code   fault.Code
		says   string
	}{
		{"an endless start", start(w.Forever()), fault.LimitExceeded, "does not start within 300ms"},
		{"an endless initializer", initialize(w.Forever()), fault.LimitExceeded, "does not start within 300ms"},
		{"a start that traps", start(w.Op(0)), fault.PluginFailed, "unreachable"},
		{"a start that calls the host", start(w.Code(w.Do(w.InputLen), w.Drop())), fault.PluginFailed, "outside nflow_call"},
		{"another version", version.Bytes(), fault.Invalid, "version 2 of the contract"},
		{"data outside its memory", outside.Bytes(), fault.PluginFailed, "out of bounds"},
		{"data below its memory", below.Bytes(), fault.PluginFailed, "out of bounds"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			_, err := wasm.OpenTransport(t.Context(), specOf(tt.module), wasm.Config{Log: quiet(), StartTime: 300 * time.Millisecond})
			wantFault(t, err, tt.code, tt.says, "plugin p")
			if took := time.Since(began); took > 20*late {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestClose(t *testing.T) {
	spec := specOf(w.Plugin{Call: w.Forever()}.Bytes())
	spec.CallTimeout = time.Minute
	p := open(t, spec)
	done := make(chan error)
	began := make(chan struct{})
	go func() {
		close(began)
		_, err := call(context.Background(), p)
		done <- err
	}()
	<-began
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantFault(t, <-done, fault.Unavailable, "closed")
	_, err := call(t.Context(), p)
	wantFault(t, err, fault.Unavailable, "closed")
	if s := p.State(); s.Status != "closed" {
		t.Errorf("state %+v", s)
	}
}

func TestMounts(t *testing.T) {
	spec := specOf(fixed().Bytes())
	spec.Mounts = map[string]string{"/data": filepath.Join(t.TempDir(), "missing")}
	_, err := wasm.OpenTransport(t.Context(), spec, wasm.Config{Log: quiet()})
	wantFault(t, err, fault.Invalid, "plugins.grants.fs", "missing")
}

// record is a log.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(b)
}

// TestPrints relays lines, not too long and not too many.
func TestPrints(t *testing.T) {
	const i32 = 0x7f
	text := "hello\n" + strings.Repeat("x", 5000) + "\nunfinished"
	iovec := []byte{0, 0x10, 0, 0, byte(len(text)), byte(len(text) >> 8), 0, 0}
	p := withWASI(w.Code(w.I32(2), w.I32(0), w.I32(1), w.I32(64), w.Do(5), w.Drop()), "fd_write", i32, i32, i32, i32)
	p.Data = []w.Data{{At: 0, Bytes: iovec}, {At: 4096, Bytes: []byte(text)}, {At: w.AnswerAt, Bytes: w.Frame(`{}`, ``)}}
	// Functions of the contract stand before those of WASI.
	p.Call = w.Code(p.Call, w.Answer(6))
	spec := specOf(p.Bytes())
	spec.CallTimeout = 20 * time.Second
	out := &record{}
	plugin, err := wasm.OpenTransport(t.Context(), spec, wasm.Config{Log: slog.New(slog.NewTextHandler(out, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if _, err := call(t.Context(), plugin); err != nil {
			t.Fatal(err)
		}
	}
	if err := plugin.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := out.b.String()
	for _, part := range []string{"plugin=p stream=stderr line=hello\n", "cut=true", "line=unfinishedhello", "lines were left out"} {
		if !strings.Contains(got, part) {
			t.Errorf("the log has no %q", part)
		}
	}
	if n := strings.Count(got, "a plugin printed"); n < 100 || n > 399 {
		t.Errorf("%d lines of 400 were logged", n)
	}
	if len(got) > 200*5000 {
		t.Errorf("the log has %d bytes", len(got))
	}
}

// TestMemoryStays shows that guests that use all they may, again and again, leave
// nothing behind.
func TestMemoryStays(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector has memory of its own")
	}
	touch := fixed()
	touch.Call = w.Code(w.I32(500), w.Op(0x40, 0), w.Drop(), w.I32(0x10000), w.I32(1), w.I32(30<<20), w.Op(0xfc, 11, 0), w.Op(0))
	spec := specOf(touch.Bytes())
	spec.MemoryBytes, spec.CallTimeout = 32<<20, 20*time.Second
	p := open(t, spec)
	before := resident(t)
	for range 30 {
		_, err := call(t.Context(), p)
		wantFault(t, err, fault.PluginFailed)
	}
	if grown := resident(t) - before; grown > 64<<20 {
		t.Errorf("%d MiB more are in use", grown>>20)
	}
	if s := p.State(); s.Restarts != 30 || s.MemoryBytes != 0 || !strings.Contains(s.Problem, "unreachable") {
		t.Errorf("state %+v", s)
	}
}

// resident is the memory of this process, in bytes.
func resident(t testing.TB) int64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("memory can be told only on Linux")
	}
	fields := strings.Fields(string(text))
	pages := int64(0)
	for _, c := range fields[1] {
		pages = pages*10 + int64(c-'0')
	}
	return pages * int64(os.Getpagesize())
}
