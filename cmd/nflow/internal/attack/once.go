package attack

import (
	"context"
	"fmt"
	"time"
)

// Report is one attack with the healthy script beside it.
type Report struct {
	Result

	Quiet  Pulse `json:"quiet"` // before; empty when it was measured otherwise
	Beside Pulse `json:"beside"`
}

// spare is what a process may take beyond the memory of one script and a quarter
// of that: for the program itself, which counts when a new process serves the
// attack, and what its garbage collector has not given back.
const spare = 128 << 20

// unbounded stands for the memory limit where none is configured: attacks must
// end somewhere.
const unbounded = 512 << 20

// allowance is what one attack may add to the process that serves it.
func (t Target) allowance() int64 {
	if t.Limits.MemoryBytes <= 0 {
		return unbounded
	}
	return t.Limits.MemoryBytes + t.Limits.MemoryBytes/4 + spare
}

// Once makes one attack while the healthy script runs beside it. apart says that
// the engine serves its scripts in child processes.
func (t Target) Once(ctx context.Context, s Script, apart bool) Report {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := newGauge(ctx, t.allowance())
	stop, beside := make(chan struct{}), make(chan Pulse, 1)
	go func() { beside <- t.beats(ctx, stop) }()
	report := Report{Result: t.run(ctx, s, g.over)}
	close(stop)
	select {
	case report.Beside = <-beside:
	case <-time.After(beatTime + time.Second):
		report.Beside.Faults = append(report.Beside.Faults, "did not answer any more")
	}
	report.Peak = g.own.Load()
	if apart {
		report.Peak = g.children.Load()
	}
	if report.Through == "" && report.Peak > t.allowance() {
		report.Through = fmt.Sprintf("took %d MiB; %s", report.Peak>>20, t.memoryLimit())
	}
	if n := len(report.Beside.Faults); n > 0 && report.Through == "" {
		report.Through = fmt.Sprintf("harmed %d of %d neighbours: %s", n, len(report.Beside.Took), report.Beside.Faults[0])
	}
	return report
}

func (t Target) memoryLimit() string {
	if t.Limits.MemoryBytes <= 0 {
		return "vm_pool.max_memory_mb is 0, no limit"
	}
	return fmt.Sprintf("vm_pool.max_memory_mb is %d", t.Limits.MemoryBytes>>20)
}
