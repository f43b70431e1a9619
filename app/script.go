package app

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// runScript loads the code of a script and runs it when there is room.
func (x *execution) runScript(ctx context.Context, do run.Do, r node.ScriptRequest) (node.Result, error) {
	n := x.published.graph.Node(do.Node)
	if r.Script.Default && x.trusted {
		return node.ScriptResult{Payload: r.Payload, Next: n.DefaultOutput}, nil
	}
	call := ports.ScriptCall{
		Name:    "node " + n.ID,
		Script:  r.Script,
		Payload: r.Payload,
		Locals:  r.Locals,
		Limits:  x.cfg.Limits,
		Host:    &scriptHost{execution: x, ctx: ctx, do: do, node: n},
	}
	switch {
	case r.Script.Default:
		call.Name, call.Script.Code = "default_js", x.published.DefaultJS
	case r.Script.Module != "":
		module, err := x.library.module(ctx, r.Script.Module)
		if err != nil {
			return nil, x.missing(err, "there is no module %q", r.Script.Module)
		}
		call.Name, call.Script.Code = "module "+r.Script.Module, module.Code
	}
	return x.runInPool(ctx, n, call)
}

// runInPool waits for one of the places for running scripts, and contains what
// goes wrong in one. A place is held only while a script runs, and no script
// starts another, so nobody who holds one waits for one.
func (x *execution) runInPool(ctx context.Context, n *flow.Node, call ports.ScriptCall) (result node.ScriptResult, err error) {
	place, waiter, running := x.places.enter(x.published.ID)
	if waiter != nil {
		x.queued.Add(1)
		if running, err = x.places.wait(ctx, waiter); err != nil {
			return result, x.whyStopped()
		}
		x.queued.Add(-1)
	}
	x.Observer.Scripts(running, x.cfg.MaxScripts)
	defer func() {
		x.Observer.Scripts(x.places.leave(place), x.cfg.MaxScripts)
		if p := recover(); p != nil {
			err = x.panicked(n.ID, p)
		}
		if f := fault.As(err); f != nil && f.Code == fault.LimitExceeded {
			x.Observer.Counted(ports.ScriptStopped, f.Limit, 1)
		}
	}()
	if err := x.clearedCall(ctx, n.ID, call); err != nil {
		return result, err
	}
	return x.published.engine.Run(ctx, call)
}

// whyStopped is the reason why the run's time is over: when a script still waited
// for its place by then, the runtime was busy and not the run too slow.
func (x *execution) whyStopped() *fault.Fault {
	f := fault.As(context.Cause(x.ctx))
	if f.Code == fault.LimitExceeded && x.queued.Load() > 0 {
		return fault.New(fault.Unavailable, "no place for a script became free in time; vm_pool.max_size is %d for all workflows", x.cfg.MaxScripts).Retry(1)
	}
	return f
}

// callLog runs the application's log() after a node. What goes wrong in it is
// logged and never touches the run.
func (x *execution) callLog(e run.Visited, millis float64) {
	n := x.published.graph.Node(e.Node)
	nextID := ""
	if e.Next >= 0 {
		nextID = x.published.graph.Node(e.Next).ID
	}
	extra, err := payload.From(map[string]any{
		"box_id": n.ID, "box_name": n.Label, "box_type": n.Type, "connection_next": nextID,
		"duration_ms": millis, "duration_mc": millis * 1000, "duration_s": millis / 1000,
	})
	if err != nil {
		return
	}
	call := ports.ScriptCall{
		Name:    "default_js",
		Script:  node.Script{Code: x.published.DefaultJS, Entry: "log", Language: node.JavaScript, Field: "default_js"},
		Payload: payload.EmptyObject(),
		Limits:  x.cfg.Limits,
		Host:    &scriptHost{execution: x, ctx: x.ctx, do: run.Do{Node: e.Node, Prev: -1}, node: n, extra: extra},
	}
	if _, err := x.runInPool(x.ctx, n, call); err != nil && x.ctx.Err() == nil {
		x.logger().Warn("log() of default_js failed", "node", n.ID, "error", err)
	}
}
