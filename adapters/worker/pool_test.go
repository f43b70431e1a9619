//go:build linux

package worker_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// pool is a pool of processes of this test binary.
type pool struct {
	*worker.Pool

	observer *observer
	logs     *lockedBuffer
}

func newPool(t *testing.T, change ...func(*worker.Config)) pool {
	t.Helper()
	p := pool{observer: &observer{counts: map[string]int{}}, logs: &lockedBuffer{}}
	cfg := worker.Config{
		Path: os.Args[0], Args: []string{"serve", "0"}, MaxSize: 4, Preload: 1,
		Observer: p.observer, Log: slog.New(slog.NewTextHandler(p.logs, nil)),
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if p.Pool, err = worker.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func withMemory(bytes string) func(*worker.Config) {
	return func(c *worker.Config) { c.Args = []string{"serve", bytes} }
}

// script is a call with a short time.
func script(code string) ports.ScriptCall {
	return ports.ScriptCall{
		Name: "node a", Script: node.Script{Code: code, Entry: "main", Field: "data.script"},
		Payload: payload.Trusted([]byte(`{"n":1}`)), Locals: payload.Trusted([]byte(`{"l":2}`)),
		Limits: policy.Limits{ScriptTime: 300 * time.Millisecond, PayloadBytes: 1 << 20}, Host: &host{},
	}
}

func TestScriptsRunInProcesses(t *testing.T) {
	p := newPool(t)
	tests := []struct {
		name, code, payload, next string
		logged                    string
	}{
		{"nothing", "", `{"n":1}`, "main", ""},
		{"another output", "next b", `{"n":1}`, "b", ""},
		{"a global", "global known", `"value of known"`, "main", ""},
		{"a global nobody has", "global strange", `"none"`, "main", ""},
		{"a host function", "call echo", `[{"n":1},"two"]`, "main", ""},
		{"a module", "module tools", `"code of tools"`, "main", ""},
		{"the request", "request", `"GET /x"`, "main", ""},
		{"a log line", "log hello", `{"n":1}`, "main", "warn: hello"},
	}
	for _, tt := range tests {
		for range 2 { // the second time, what it asks for is sent ahead
			call := script(tt.code)
			h := &host{}
			call.Host = h
			got, err := p.Run(t.Context(), call)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if string(got.Payload.Bytes()) != tt.payload || got.Next != tt.next || string(got.Locals.Bytes()) != `{"l":2}` {
				t.Errorf("%s: got %s %q %s", tt.name, got.Payload.Bytes(), got.Next, got.Locals.Bytes())
			}
			if log := strings.Join(h.lines, ","); log != tt.logged {
				t.Errorf("%s: logged %q", tt.name, log)
			}
		}
	}
}

func TestAnswersComeBackWhole(t *testing.T) {
	p := newPool(t)
	got, err := p.Run(t.Context(), script("reply a body"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Reply == nil || got.Reply.Status != 418 || string(got.Reply.Body) != "a body" ||
		got.Reply.Header[0] != (node.Header{Name: "A", Value: "b"}) || got.Header[0] != (node.Header{Name: "C", Value: "d"}) {
		t.Errorf("got %+v %+v", got.Reply, got)
	}
}

func TestFaultsOfTheHostComeBackWithTheirCause(t *testing.T) {
	p := newPool(t)
	_, err := p.Run(t.Context(), script("call refuse"))
	if fault.CodeOf(err) != fault.Forbidden || !errors.Is(err, errSecret) {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), errSecret.Error()) {
		t.Errorf("the cause is shown: %v", err)
	}
	if _, err := p.Run(t.Context(), script("module missing")); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestWhateverAScriptDoesItEnds(t *testing.T) {
	p := newPool(t, withMemory("67108864"))
	tests := []struct {
		name, code, limit string
		status            fault.Code
		line              int
	}{
		{"a native loop", "at 123\nspin", "vm_pool.max_execution_seconds", fault.LimitExceeded, 3},
		{"a giant allocation", "at 12345\nallocate 1024", "vm_pool.max_memory_mb", fault.LimitExceeded, 5},
		{"growing bit by bit", "at 12\ngrow", "vm_pool.max_memory_mb", fault.LimitExceeded, 2},
		{"native recursion", "overflow", "limits.max_call_depth", fault.LimitExceeded, 0},
		{"a crash", "at 12\ncrash now", "", fault.Internal, 2},
		{"what only an escape does", "at 12\nescape", "", fault.Internal, 2},
		{"an exit", "log x\nexit", "", fault.Unavailable, 0},
		{"garbage on the pipe", "garbage", "", fault.Internal, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if raceEnabled && strings.Contains(tt.code, "allocate") {
				return // the race detector's own memory has no bounds
			}
			began := time.Now()
			call := script(tt.code)
			if raceEnabled && !strings.Contains(tt.code, "spin") {
				call.Limits.ScriptTime = 5 * time.Second // it makes recursion and exits slow
			}
			_, err := p.Run(t.Context(), call)
			f := fault.As(err)
			if f == nil || f.Code != tt.status || f.Limit != tt.limit || f.Line != tt.line {
				t.Errorf("got %+v (%v)", f, errors.Unwrap(err))
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if _, err := p.Run(t.Context(), script("")); err != nil {
				t.Errorf("the next script: %v", err)
			}
		})
	}
}

func TestANeighbourIsNotHarmedByALackOfMemory(t *testing.T) {
	if raceEnabled {
		return // memory is not bounded under the race detector
	}
	p := newPool(t, withMemory("33554432"))
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			call := script("allocate 1024")
			call.Limits.ScriptTime = time.Minute
			_, err := p.Run(t.Context(), call)
			if f := fault.As(err); f == nil || f.Limit != "vm_pool.max_memory_mb" {
				t.Errorf("1 GiB: %v", err)
			}
		})
		group.Go(func() {
			call := script("allocate 20")
			call.Limits.ScriptTime = time.Minute
			if _, err := p.Run(t.Context(), call); err != nil {
				t.Errorf("20 MiB: %v", err)
			}
		})
	}
	group.Wait()
}

func TestCancellingEndsAScript(t *testing.T) {
	for _, code := range []string{"wait", "spin", "call wait"} {
		t.Run(code, func(t *testing.T) {
			p := newPool(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			call := script(code)
			call.Limits.ScriptTime = time.Minute
			time.AfterFunc(50*time.Millisecond, func() { cancel(errGone) })
			_, err := p.Run(ctx, call)
			if fault.CodeOf(err) != fault.Cancelled || !errors.Is(err, errGone) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAFullPoolWaits(t *testing.T) {
	p := newPool(t, func(c *worker.Config) { c.MaxSize = 1 })
	inside := make(chan struct{})
	call := script("call block")
	call.Limits.ScriptTime = time.Minute
	call.Host = &host{inside: inside, block: make(chan struct{})}
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := p.Run(t.Context(), call); err != nil {
			t.Error(err)
		}
	})
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Run(ctx, script("")); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("a second script: %v", err)
	}
	group.Go(func() {
		if _, err := p.Run(t.Context(), script("")); err != nil {
			t.Errorf("a third script, which can wait: %v", err)
		}
	})
	close(call.Host.(*host).block)
	group.Wait()
	if s := p.Stats(); s.Live != 1 {
		t.Errorf("%d processes, want 1", s.Live)
	}
}

func TestCheckingIsBounded(t *testing.T) {
	p := newPool(t, func(c *worker.Config) { c.CheckTime = 200 * time.Millisecond })
	findings, err := p.Check(t.Context(), node.Script{Code: "fine"})
	if err != nil || len(findings) != 1 || findings[0] != (policy.Finding{Rule: "r", Severity: policy.High, Message: "m", Line: 1, Column: 2}) {
		t.Errorf("got %v %v", findings, err)
	}
	_, err = p.Check(t.Context(), node.Script{Code: "bad", Field: "data.script"})
	if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Line != 2 || f.Column != 3 || f.Field != "data.script" {
		t.Errorf("got %v", err)
	}
	_, err = p.Check(t.Context(), node.Script{Code: "spin", Field: "data.script"})
	if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Field != "data.script" {
		t.Errorf("got %v", err)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
