package attack_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/goja"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/attack"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// brief keeps tests short; late is for machines that check for races.
func brief() policy.Limits {
	l := policy.DefaultLimits()
	l.ScriptTime, l.Operations = 200*time.Millisecond, 200_000
	return l
}

const late = 20 * time.Second

// TestInsideTheServer runs what an engine in this process has to stop.
func TestInsideTheServer(t *testing.T) {
	target := attack.Target{Engine: goja.New(goja.Config{Functions: app.Functions()}), Limits: brief(), Grace: late}
	target.Limits.MemoryBytes = 1 << 30 // which several share here
	t.Run("corpus", func(t *testing.T) {
		for _, s := range corpus(t) {
			if s.Hard {
				continue
			}
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				r := target.Once(t.Context(), s, false) // on a slow machine, time may come first
				if r.Through != "" || !r.Expected && r.Ending != attack.ByTime {
					t.Errorf("%+v, expected one of %v", r.Result, s.Ends)
				}
			})
		}
	})
	if quiet := target.Quiet(t.Context(), 5); len(quiet.Faults) > 0 {
		t.Errorf("the neighbours found %v", quiet.Faults)
	}
}

// engine answers attacks with one function, and neighbours as they expect.
type engine struct {
	attack  func(ctx context.Context) (node.ScriptResult, error)
	healthy string
	runs    atomic.Int64
}

func (e *engine) Check(context.Context, node.Script) ([]policy.Finding, error) { return nil, nil }

func (e *engine) Run(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
	e.runs.Add(1)
	if strings.HasPrefix(call.Name, "attack ") {
		return e.attack(ctx)
	}
	return node.ScriptResult{Payload: payload.Trusted([]byte(e.healthy))}, nil
}

const healthy = `{"n":42,"found":[]}`

func gives(text string, err error) func(context.Context) (node.ScriptResult, error) {
	return func(context.Context) (node.ScriptResult, error) {
		return node.ScriptResult{Payload: payload.Trusted([]byte(text))}, err
	}
}

func TestVerdicts(t *testing.T) {
	stuck := func(ctx context.Context) (node.ScriptResult, error) {
		<-ctx.Done()
		return node.ScriptResult{}, fault.New(fault.Cancelled, "cancelled")
	}
	greedy := func(ctx context.Context) (node.ScriptResult, error) {
		b := make([]byte, 200<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		<-ctx.Done()
		return node.ScriptResult{Payload: payload.Trusted(b[:0])}, nil
	}
	tests := []struct {
		name    string
		attack  func(context.Context) (node.ScriptResult, error)
		healthy string
		ending  attack.Ending
		through string // part of the reason; empty = held
	}{
		{"stopped", gives("", fault.New(fault.LimitExceeded, "too long").OverLimit("vm_pool.max_execution_seconds")), healthy, attack.ByTime, ""},
		{"an error", gives("", fault.New(fault.ScriptFailed, "no")), healthy, attack.ByError, ""},
		{"harmless", gives(`{}`, nil), healthy, attack.Harmless, ""},
		{"a limit nobody knows", gives("", fault.New(fault.LimitExceeded, "x").OverLimit("limits.other")), healthy, attack.Broken, "engine failed"},
		{"the engine failed", gives("", errors.New("panic")), healthy, attack.Broken, "engine failed"},
		{"it does not end", stuck, healthy, attack.Endless, "still running"},
		{"it takes all memory", greedy, healthy, attack.Endless, "vm_pool.max_memory_mb is 1"},
		{"it escaped", gives(`{"escaped":"the walls"}`, nil), healthy, attack.Escaped, "escaped: the walls"},
		{"it escaped by an error", gives("", fault.New(fault.ScriptFailed, "Error: escaped: x")), healthy, attack.Escaped, "escaped: x"},
		{"it harmed the neighbours", gives(`{}`, nil), `{"n":42,"found":["leak"]}`, attack.Harmless, "harmed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			limits := brief()
			limits.MemoryBytes = 1 << 20
			if tt.name == "it does not end" {
				limits.ScriptTime = 20 * time.Millisecond
			}
			target := attack.Target{Engine: &engine{attack: tt.attack, healthy: tt.healthy}, Limits: limits, Grace: 10 * time.Millisecond}
			if tt.name == "it takes all memory" {
				target.Grace = late
			}
			debug.FreeOSMemory() // of earlier tests, which would hide what this one takes
			r := target.Once(t.Context(), attack.Script{Name: "x", Ends: []attack.Ending{attack.ByTime}}, false)
			if r.Ending != tt.ending || (tt.through == "") != (r.Through == "") || !strings.Contains(r.Through, tt.through) {
				t.Errorf("got %q, through %q; want %q, %q", r.Ending, r.Through, tt.ending, tt.through)
			}
			if len(r.Beside.Took) == 0 {
				t.Error("no neighbour ran beside it")
			}
		})
	}
}

func TestSuite(t *testing.T) {
	e := &engine{attack: gives(`{"escaped":"x"}`, nil), healthy: healthy}
	target := attack.Target{Engine: e, Limits: brief(), Grace: late}
	var seen []string
	sum := attack.Suite{Target: target, Isolated: true}.Run(t.Context(), []attack.Script{{Name: "a"}, {Name: "b"}}, func(r attack.Result) {
		seen = append(seen, r.Name)
	})
	if strings.Join(seen, " ") != "a b" || sum.Attacks != 2 || sum.Held != 0 || strings.Join(sum.Through, " ") != "a b" {
		t.Errorf("saw %v, %+v", seen, sum)
	}
	if len(sum.Quiet.Took) == 0 || sum.Quiet.Percentile(50) <= 0 || sum.Quiet.Percentile(99) < sum.Quiet.Percentile(50) {
		t.Errorf("alone: %d runs, p50 %s, p99 %s", len(sum.Quiet.Took), sum.Quiet.Percentile(50), sum.Quiet.Percentile(99))
	}
}

// TestSacrifice makes this test binary be the process that dies.
func TestSacrifice(t *testing.T) {
	if os.Getenv("ATTACK_TEST_DIE") != "" {
		os.Exit(7)
	}
	suite := attack.Suite{Target: attack.Target{Limits: brief(), Grace: late}}
	suite.Disposable = func(ctx context.Context, _ string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=TestSacrifice$")
		cmd.Env = append(os.Environ(), "ATTACK_TEST_DIE=1")
		return cmd
	}
	var got attack.Result
	suite.Run(t.Context(), []attack.Script{{Name: "killer"}}, func(r attack.Result) { got = r })
	if got.Ending != attack.Died || got.Through != "its process died: exit status 7" {
		t.Errorf("got %+v", got)
	}
}
