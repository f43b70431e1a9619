package plugintest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// endless are functions that do not end by themselves, with those that look up
// and those that do not.
func endless() [][2]string {
	return [][2]string{{"spin", `[]`}, {"sleep", `[60000]`}, {"deaf", `[60000]`}}
}

// oneOf wants a fault to have one of some codes.
func oneOf(t testing.TB, err error, want ...fault.Code) {
	t.Helper()
	if !slices.Contains(want, code(err)) {
		t.Errorf("fault: %v, want one of %q", err, want)
	}
}

// atOnce is how many calls of a plugin the suite makes at the same time.
const atOnce = 8

// together runs a function that often at once.
func together(run func(i int)) {
	var wg sync.WaitGroup
	for i := range atOnce {
		wg.Go(func() { run(i) })
	}
	wg.Wait()
}

// testDeadline opens a plugin for every attempt: one that has to be stopped may
// take other calls with it.
func testDeadline(t *testing.T, s Subject) {
	for _, fn := range endless() {
		t.Run(fn[0], func(t *testing.T) {
			inTime(t, func() time.Duration {
				p := s.open(t)
				const allowed = 300 * time.Millisecond
				ctx, cancel := context.WithTimeout(t.Context(), allowed)
				defer cancel()
				start := time.Now()
				_, err := p.Call(ctx, function(fn[0], fn[1]), newHost())
				late := time.Since(start) - allowed
				// A plugin that watches its deadline may say so itself.
				oneOf(t, err, fault.LimitExceeded, fault.UpstreamTimeout)
				recovers(t, p)
				return late
			})
		})
	}
}

func testCancellation(t *testing.T, s Subject) {
	for _, fn := range endless() {
		t.Run(fn[0], func(t *testing.T) {
			inTime(t, func() time.Duration {
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
				start := time.Now()
				cancel()
				oneOf(t, <-done, fault.Cancelled)
				late := time.Since(start)
				recovers(t, p)
				return late
			})
		})
	}
	p := s.open(t)
	t.Run("before the call", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := p.Call(ctx, function("echo", `[1]`), &host{})
		oneOf(t, err, fault.Cancelled)
		recovers(t, p)
	})
	t.Run("many at once", func(t *testing.T) {
		together(func(i int) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(20*(i+1))*time.Millisecond)
			defer cancel()
			if _, err := p.Call(ctx, function("sleep", `[60000]`), newHost()); err == nil {
				t.Error("a call that was cancelled succeeded")
			}
		})
		recovers(t, p)
	})
}

// inTime wants the best of three attempts to be prompt: a busy machine is late
// now and then, a wrong implementation always.
func inTime(t *testing.T, attempt func() time.Duration) {
	t.Helper()
	best := patience
	for range 3 {
		best = min(best, attempt())
		if best <= promptly || t.Failed() {
			return
		}
	}
	t.Errorf("it ended %s late; %s are allowed", best, promptly)
}

func testCrashes(t *testing.T, s Subject) {
	p := s.open(t, func(spec *ports.PluginSpec) { spec.MaxConcurrent = 1 })
	for _, fn := range [][2]string{{"exit", `[3]`}, {"exit", `[0]`}, {"crash", `["boom"]`}} {
		t.Run(fn[0]+fn[1], func(t *testing.T) {
			recovers(t, p)
			if got := ask(t, p, "state", `[]`); got == "" {
				t.Error("no state")
			}
			_, err := bounded(t, p, function(fn[0], fn[1]), &host{})
			oneOf(t, err, fault.PluginFailed)
			recovers(t, p)
			same(t, "calls since the crash", ask(t, p, "state", `[]`), "1")
			if n := p.State().Restarts; n < 1 {
				t.Errorf("restarts: %d, want at least 1", n)
			}
		})
	}
}

func testMemory(t *testing.T, s Subject) {
	if !s.Bounded {
		t.Skip("this loader does not bound memory")
	}
	p := s.open(t)
	_, err := bounded(t, p, function("grow", `[]`), &host{})
	oneOf(t, err, fault.PluginFailed, fault.LimitExceeded)
	recovers(t, p)
}
