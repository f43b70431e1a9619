package attack

import (
	"context"
	"slices"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Pulse is how a healthy script fared.
type Pulse struct {
	Took   []time.Duration `json:"took_ns"`
	Faults []string        `json:"faults,omitempty"` // runs that failed or were not clean
}

// Add joins two pulses.
func (p *Pulse) Add(other Pulse) {
	p.Took = append(p.Took, other.Took...)
	p.Faults = append(p.Faults, other.Faults...)
}

// Percentile is the time that so many percent of the runs did not exceed; 0
// without runs.
func (p *Pulse) Percentile(percent int) time.Duration {
	if len(p.Took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(p.Took))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

const (
	beatInterval = 5 * time.Millisecond
	beatTime     = 10 * time.Second // for one healthy run, whatever the attack
	healthyCode  = `
const found = [];
for (const k in {}) found.push(k);
for (const k in []) found.push(k);
for (const k of Object.getOwnPropertyNames(globalThis)) if (k.indexOf("leftover") === 0 || k === "escaped") found.push(k);
if (" a ".trim() !== "a" || Math.max(1, 2) !== 2 || JSON.parse("[1]").length !== 1 || String([1]) !== "1") found.push("built-ins");
return { n: payload.n * 2, found };`
	healthyAnswer = `{"n":42,"found":[]}`
)

// beat runs the healthy script once.
func (t Target) beat(ctx context.Context, p *Pulse) {
	limits := t.Limits
	limits.ScriptTime = max(limits.ScriptTime, beatTime)
	start := time.Now()
	result, err := t.Engine.Run(ctx, ports.ScriptCall{
		Name: "neighbour", Script: node.Script{Code: healthyCode, Language: node.JavaScript},
		Payload: payload.Trusted([]byte(`{"n":21}`)), Locals: payload.EmptyObject(), Limits: limits, Host: &host{},
	})
	p.Took = append(p.Took, time.Since(start))
	switch got := string(result.Payload.Bytes()); {
	case ctx.Err() != nil:
	case err != nil:
		p.Faults = append(p.Faults, err.Error())
	case got != healthyAnswer:
		p.Faults = append(p.Faults, "answered "+got)
	}
}

// beats runs the healthy script again and again until stop is closed.
func (t Target) beats(ctx context.Context, stop <-chan struct{}) Pulse {
	tick := time.NewTicker(beatInterval)
	defer tick.Stop()
	var p Pulse
	for {
		t.beat(ctx, &p)
		select {
		case <-stop:
			return p
		case <-ctx.Done():
			return p
		case <-tick.C:
		}
	}
}

// Quiet runs the healthy script so many times with nothing beside it.
func (t Target) Quiet(ctx context.Context, times int) Pulse {
	var warm, p Pulse
	for range 3 {
		t.beat(ctx, &warm)
	}
	for range times {
		t.beat(ctx, &p)
	}
	p.Faults = append(p.Faults, warm.Faults...)
	return p
}
