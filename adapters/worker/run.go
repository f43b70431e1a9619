package worker

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// The limits whose excess ends a process, by the configuration key that sets
// them.
const (
	limitTime      = "vm_pool.max_execution_seconds"
	limitMemory    = "vm_pool.max_memory_mb"
	limitCallDepth = "limits.max_call_depth"
)

// Run runs a script in a process of its own; see ports.ScriptEngine. When
// somebody else ends the process before the script did anything, it gets a
// second one.
func (p *Pool) Run(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
	call.Limits = call.Limits.Filled()
	result, untouched, err := p.attempt(ctx, call)
	if untouched {
		result, _, err = p.attempt(ctx, call)
	}
	return result, err
}

// attempt runs a script in one process. untouched tells that the process was
// lost by no fault of the script, which did nothing yet.
func (p *Pool) attempt(ctx context.Context, call ports.ScriptCall) (result node.ScriptResult, untouched bool, err error) {
	if ctx.Err() != nil {
		return result, false, cancelled(ctx)
	}
	w, err := p.acquire(ctx)
	if err != nil {
		return result, false, err
	}
	usable := false
	defer func() { p.put(w, usable) }()
	x := exchange{process: w, ctx: ctx, call: call, started: time.Now(), early: true}
	result, f, err := p.runIn(&x)
	if err != nil {
		untouched, err = p.lost(&x, err)
		return node.ScriptResult{}, untouched, err
	}
	usable = !w.retired && w.frames.Empty()
	if f == nil {
		return result, false, nil
	}
	if f.Code == fault.Cancelled && ctx.Err() != nil {
		return node.ScriptResult{}, false, cancelled(ctx)
	}
	if f.Limit == limitTime && f.Line == 0 { // it was between two jobs
		f = w.last(call.Script, f)
	}
	return node.ScriptResult{}, false, f
}

// runIn runs a script in its process.
func (p *Pool) runIn(x *exchange) (node.ScriptResult, *fault.Fault, error) {
	w := x.process
	if w.trail != nil {
		w.trail.Clear()
	}
	w.frames.SetLimit(frameLimit(x.call.Limits))
	number := w.alarm.begin(p.longTime, x.call.Limits.ScriptTime+p.cfg.Grace, limitTime)
	defer p.endTurn(w)
	if x.ctx.Done() != nil {
		unwatch := context.AfterFunc(x.ctx, func() { w.cancel(number, p.cfg.Grace) })
		defer unwatch()
	}
	defer x.close()
	return x.converse(number)
}

// endTurn ends a turn. A process that made way and cannot come back is replaced.
func (p *Pool) endTurn(w *process) {
	if w.alarm.end() && (w.isDead() || !w.comeBack()) {
		w.retired = true
	}
}

// cancel asks the process to give up a script, and ends it when it does not.
func (p *process) cancel(number int64, grace time.Duration) {
	p.alarm.hasten(number, grace, reasonCancelled)
	_ = p.writer.Send(new(protocol.Frame).Begin(protocol.Cancel).Int(number)) // a process that is gone needs none
}

// frameLimit bounds what a process may send at once: a payload, an answer, the
// arguments of a call, and what stands around them.
func frameLimit(l policy.Limits) int { return 4*l.PayloadBytes + 1<<20 }

func cancelled(ctx context.Context) error {
	return fault.Wrap(context.Cause(ctx), fault.Cancelled, "the run was cancelled")
}

// Check parses and analyses a script in a process; see ports.ScriptEngine.
func (p *Pool) Check(ctx context.Context, script node.Script) ([]policy.Finding, error) {
	w, err := p.acquire(ctx)
	if err != nil {
		return nil, err
	}
	usable := false
	defer func() { p.put(w, usable) }()
	findings, f, err := p.checkIn(ctx, w, script)
	if err != nil {
		return nil, p.unreadable(ctx, w, script, err)
	}
	usable = !w.retired && w.frames.Empty()
	if f != nil {
		return findings, f
	}
	return findings, nil
}

func (p *Pool) checkIn(ctx context.Context, w *process, script node.Script) ([]policy.Finding, *fault.Fault, error) {
	w.frames.SetLimit(1 << 20)
	number := w.alarm.begin(2*p.cfg.CheckTime, p.cfg.CheckTime, reasonCheck)
	defer p.endTurn(w)
	unwatch := context.AfterFunc(ctx, func() { w.cancel(number, p.cfg.Grace) })
	defer unwatch()
	w.frame.Begin(protocol.Check).AddScript(script)
	if err := w.writer.Send(w.frame.Text(script.Code)); err != nil {
		return nil, nil, err
	}
	kind, b, err := w.frames.Next()
	if err != nil {
		return nil, nil, err
	}
	findings := b.Findings()
	var f *fault.Fault
	if b.Bool() {
		f = b.Fault(nil)
	}
	w.retired = b.Bool() || w.retired
	if kind != protocol.Checked || b.Err() != nil {
		return nil, nil, errBroken
	}
	return findings, f, nil
}
