//go:build linux

package process_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func hostOf(t testing.TB) *process.Host {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &process.Host{Path: exe, Name: "actor-host", Args: []string{"-flag"}, CacheDir: "/cache"}
}

// pidOf is the process of a plugin, as its own environment is known.
func pidOf(t testing.TB, cfg process.Config) int {
	t.Helper()
	pid := 0
	eventually(t, "there is a process", 20*time.Second, func() bool {
		for _, file := range knowing(cfg.RunDir) {
			pid = decode[int](t, strings.TrimSuffix(strings.TrimPrefix(file, "/proc/"), "/environ"))
		}
		return pid != 0
	})
	return pid
}

func TestCrash(t *testing.T) {
	tests := []struct {
		name    string
		says    []string
		printed string // which callers do not read
	}{
		{"crash", []string{"plugin actor", "exit status 3", "during the call"}, "now it crashes"},
		{"panic", []string{"exit status 2"}, "panic: no way"},
	}
	cfg, _ := quick(t)
	l := newLoader(t, cfg)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, l, actorSpec(t))
			_, err := call(context.Background(), p, tt.name, "")
			wantFault(t, err, fault.PluginFailed, tt.says...)
			if strings.Contains(err.Error(), tt.printed) {
				t.Errorf("a caller reads what the plugin printed: %v", err)
			}
			mustCall(t, p, "echo", "1")
			if s := p.State(); s.Restarts != 1 {
				t.Errorf("state %+v", s)
			}
		})
	}
}

func TestKilledFromOutside(t *testing.T) {
	cfg, _ := quick(t)
	p := open(t, newLoader(t, cfg), actorSpec(t))
	mustCall(t, p, "echo", "1")
	var calls sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		calls.Go(func() { _, errs[i] = call(context.Background(), p, "stubborn", "") })
	}
	waiting := func() bool { return threads(pidOf(t, cfg)) > 0 }
	eventually(t, "the calls are there", 5*time.Second, waiting)
	mustCall(t, p, "sleep 100ms", "")
	syscall.Kill(pidOf(t, cfg), syscall.SIGKILL)
	calls.Wait()
	for _, err := range errs {
		wantFault(t, err, fault.Unavailable, "signal: killed")
	}
	mustCall(t, p, "echo", "1")
}

func threads(pid int) int {
	list, _ := os.ReadDir("/proc/" + itoa(pid) + "/task")
	return len(list)
}

// A plugin that is killed again and again comes back each time, and leaves
// nothing behind.
func TestKilledHundredTimes(t *testing.T) {
	times := 100
	if testing.Short() {
		times = 5
	}
	cfg, _ := quick(t)
	cfg.MaxFaults, cfg.MaxBackoff = 1000, 2*time.Millisecond
	s := actorSpec(t)
	s.NoTLS = true // certificates take most of a start
	p := open(t, newLoader(t, cfg), s)
	if err := configure(context.Background(), p, `{"n":1}`); err != nil {
		t.Fatal(err)
	}
	descriptors := 0
	for i := range times {
		if i == 2 {
			descriptors = openDescriptors()
		}
		_, err := call(context.Background(), p, "crash", "")
		wantFault(t, err, fault.PluginFailed, "exit status 3")
		if got := mustCall(t, p, "settings", ""); got != `{"n":1}` {
			t.Fatalf("after %d: settings %s", i+1, got)
		}
		if s := p.State(); s.Restarts != i+1 {
			t.Fatalf("after %d: %+v", i+1, s)
		}
	}
	if now := openDescriptors(); now > descriptors+2 {
		t.Errorf("%d descriptors, %d before", now, descriptors)
	}
}

func openDescriptors() int {
	list, _ := os.ReadDir("/proc/self/fd")
	return len(list)
}

func TestQuarantine(t *testing.T) {
	cfg, _ := quick(t)
	cfg.MaxFaults = 3
	p := open(t, newLoader(t, cfg), actorSpec(t))
	for range 3 {
		_, err := call(context.Background(), p, "crash", "")
		wantFault(t, err, fault.PluginFailed, "exit status 3")
	}
	eventually(t, "it is in quarantine", 5*time.Second, func() bool { return p.State().Status == "quarantined" })
	began := time.Now()
	_, err := call(context.Background(), p, "echo", "1")
	wantFault(t, err, fault.Unavailable, "ended 3 times", "exit status 3", "nflow plugin reload actor")
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %s", took)
	}
	if fault.As(err).RetryAfter == 0 {
		t.Error("no Retry-After")
	}
	if s := p.State(); s.Problem == "" || s.Processes != 0 || s.Restarts != 2 {
		t.Errorf("state %+v", s)
	}
}

// While a start is far away calls fail at once; one that is near they wait for.
func TestBackoff(t *testing.T) {
	cfg, _ := quick(t)
	cfg.Backoff, cfg.MaxBackoff, cfg.Patience = time.Hour, time.Hour, 50*time.Millisecond
	p := open(t, newLoader(t, cfg), actorSpec(t))
	_, err := call(context.Background(), p, "crash", "")
	wantFault(t, err, fault.PluginFailed)
	eventually(t, "the wait is known", 5*time.Second, func() bool {
		_, err = call(context.Background(), p, "echo", "1")
		return fault.As(err).RetryAfter > 3000
	})
	wantFault(t, err, fault.Unavailable, "being started again", "exit status 3")
	if s := p.State(); s.Status != "restarting" || !strings.Contains(s.Problem, "exit status 3") {
		t.Errorf("state %+v", s)
	}
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if s := p.State(); s.Status != "closed" {
		t.Errorf("state %+v", s)
	}
	_, err = call(context.Background(), p, "echo", "1")
	wantFault(t, err, fault.Unavailable, "closed")
}

// Settings that a new process no longer takes are a fault like others.
func TestRefusesSettingsLater(t *testing.T) {
	cfg, _ := quick(t)
	cfg.MaxFaults, cfg.Patience, cfg.Backoff = 3, time.Millisecond, 200*time.Millisecond
	s := actorSpec(t)
	s.Env["REFUSE"] = shortDir(t) + "/refuse"
	p := open(t, newLoader(t, cfg), s)
	if err := configure(context.Background(), p, `{"a":1}`); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Env["REFUSE"], nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := call(context.Background(), p, "crash", "")
	wantFault(t, err, fault.PluginFailed)
	_, err = call(context.Background(), p, "echo", "1") // is not that patient
	wantFault(t, err, fault.Unavailable, "being started again", "exit status 3")
	eventually(t, "it is in quarantine", 20*time.Second, func() bool { return p.State().Status == "quarantined" })
	if problem := p.State().Problem; !strings.Contains(problem, "refused the settings") || !strings.Contains(problem, "not any more") {
		t.Error(problem)
	}
}

// A plugin that starts once only is given up.
func TestStartsNoMore(t *testing.T) {
	cfg, _ := quick(t)
	cfg.MaxFaults = 4
	s := actorSpec(t)
	s.Env["ONLY_ONCE"] = shortDir(t) + "/once"
	p := open(t, newLoader(t, cfg), s)
	_, err := call(context.Background(), p, "crash", "")
	wantFault(t, err, fault.PluginFailed)
	eventually(t, "it is in quarantine", 20*time.Second, func() bool { return p.State().Status == "quarantined" })
	_, err = call(context.Background(), p, "echo", "1")
	wantFault(t, err, fault.Unavailable, "exit status 4", "nflow plugin reload actor")
	if problem := p.State().Problem; !strings.Contains(problem, "not this time") || strings.Contains(err.Error(), "not this time") {
		t.Errorf("operators read %q, callers %v", problem, err)
	}
}

func TestClose(t *testing.T) {
	cfg, _ := quick(t)
	l := newLoader(t, cfg)
	p := open(t, l, actorSpec(t))
	in, away := decode[int](t, mustCall(t, p, "fork", "")), decode[int](t, mustCall(t, p, "fork away", ""))
	if s := p.State(); s.Processes != 3 {
		t.Errorf("state %+v", s)
	}
	var running error
	var calls sync.WaitGroup
	calls.Go(func() { _, running = call(context.Background(), p, "stubborn", "") })
	mustCall(t, p, "sleep 50ms", "")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Error(err)
	}
	calls.Wait()
	wantFault(t, running, fault.Unavailable, "closed")
	for _, pid := range []int{in, away} {
		eventually(t, "its children are gone", time.Second, func() bool { return !alive(pid) })
	}
	if err := p.Close(ctx); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := l.Close(context.Background()); err != nil {
		t.Error(err)
	}
	_, err := l.Open(context.Background(), ports.PluginSpec{Name: "late"})
	wantFault(t, err, fault.Unavailable, "stopping")
}

// A plugin that does nothing any more cannot delay its end.
func TestCloseStopped(t *testing.T) {
	cfg, _ := quick(t)
	cfg.CloseTime, cfg.Grace = 100*time.Millisecond, time.Hour
	l := newLoader(t, cfg)
	p := open(t, l, actorSpec(t))
	pid := decode[int](t, mustCall(t, p, "pid", ""))
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := call(ctx, p, "echo", `"`+strings.Repeat("x", 4<<20)+`"`) // more than buffers hold
	wantFault(t, err, fault.LimitExceeded)
	began := time.Now()
	if err := p.Close(context.Background()); err != nil || alive(pid) {
		t.Errorf("%v, alive %t", err, alive(pid))
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

// Many plugins at once, closed by their loader.
func TestLoaderCloses(t *testing.T) {
	cfg, _ := quick(t)
	l := newLoader(t, cfg)
	var opens sync.WaitGroup
	plugins := make([]ports.Plugin, 4)
	for i := range plugins {
		opens.Go(func() {
			p, err := l.Open(context.Background(), actorSpec(t))
			if err != nil {
				t.Error(err)
				return
			}
			plugins[i] = p
			if _, err := call(context.Background(), p, "echo", "1"); err != nil {
				t.Error(err)
			}
		})
	}
	opens.Wait()
	if err := l.Close(context.Background()); err != nil {
		t.Error(err)
	}
	for _, p := range plugins {
		if s := p.State(); s.Status != "closed" {
			t.Errorf("state %+v", s)
		}
	}
}
