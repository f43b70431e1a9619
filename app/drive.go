package app

import (
	"context"
	"runtime/debug"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/run"
)

// drive feeds events to the state machine and carries out its effects until the
// client has an answer.
func (x *execution) drive(e run.Event) (*run.Reply, error) {
	for {
		todo, reply := x.advance(e)
		if reply != nil {
			x.launch(todo)
			return reply, nil
		}
		if len(todo) == 0 && x.flying == 0 {
			return nil, fault.New(fault.Internal, "the run ended without an answer")
		}
		e = x.next(todo)
	}
}

// panicked turns a panic, which is only logged, into a fault.
func (x *execution) panicked(nodeID string, p any) *fault.Fault {
	x.logger().Error("a node panicked", "node", nodeID, "panic", p, "stack", string(debug.Stack()))
	return fault.New(fault.Internal, "the node failed unexpectedly")
}

// finishBranches drives what is left after the response.
func (x *execution) finishBranches() {
	defer func() {
		if p := recover(); p != nil {
			x.cancel(x.panicked("", p))
		}
		for x.flying > 0 { // cancelled, but not yet noticed
			<-x.results
			x.flying--
		}
	}()
	for x.state.Live() > 0 {
		todo, _ := x.advance(x.next(nil))
		x.launch(todo)
	}
	if err := x.session.flush(context.WithoutCancel(x.ctx)); err != nil {
		x.logger().Warn("cannot store the session of a finished run", "error", err)
	}
}

// advance takes one event and sorts its effects.
func (x *execution) advance(e run.Event) (todo []run.Do, reply *run.Reply) {
	var effects []run.Effect
	x.state, effects = run.Advance(x.published.graph, x.state, e)
	for _, effect := range effects {
		switch effect := effect.(type) {
		case run.Do:
			todo = append(todo, effect)
		case run.Visited:
			x.visited(effect)
		case run.Reply:
			if reply == nil { // a run that could not be parked has failed
				reply = &effect
			}
		case run.Park:
			if err := x.park(x.ctx, effect); err != nil {
				reply = &run.Reply{Fault: fault.As(err)}
			}
		case run.Finish:
			x.finished(effect)
		}
	}
	return todo, reply
}

// next carries out what is to be done and waits for the next event. A single
// request is carried out right here; several run beside each other.
func (x *execution) next(todo []run.Do) run.Event {
	if len(todo) == 1 && x.flying == 0 {
		result := x.carryOut(todo[0])
		x.record.spent(result.token, result.took)
		if x.ctx.Err() != nil {
			return x.stopped()
		}
		return result.event
	}
	x.launch(todo)
	select {
	case result := <-x.results:
		x.flying--
		x.record.spent(result.token, result.took)
		if x.ctx.Err() != nil {
			return x.stopped()
		}
		return result.event
	case <-x.ctx.Done():
		return x.stopped()
	}
}

func (x *execution) stopped() run.Event {
	return run.Stopped{Fault: x.whyStopped()}
}

// launch carries out requests beside the driver.
func (x *execution) launch(todo []run.Do) {
	if len(todo) > 0 && x.results == nil {
		x.results = make(chan tokenResult)
	}
	for _, do := range todo {
		x.flying++
		go func() { x.results <- x.carryOut(do) }()
	}
}

// carryOut performs a request and contains whatever goes wrong in it.
func (x *execution) carryOut(do run.Do) (result tokenResult) {
	began := x.Clock.Now()
	defer func() {
		if p := recover(); p != nil {
			result.event = run.Failed{Token: do.Token, Fault: x.panicked(x.published.graph.Node(do.Node).ID, p)}
		}
		result.token, result.took = do.Token, x.Clock.Now().Sub(began)
	}()
	answer, err := x.perform(x.ctx, do)
	if err != nil {
		f := fault.As(err)
		if f.Code == fault.Internal {
			x.logger().Error("internal error", "node", x.published.graph.Node(do.Node).ID, "error", err, "cause", f.Unwrap())
		}
		result.event = run.Failed{Token: do.Token, Fault: f}
		return result
	}
	result.event = run.Returned{Token: do.Token, Result: answer}
	return result
}

// perform is the one funnel through which a run touches the world.
func (x *execution) perform(ctx context.Context, do run.Do) (node.Result, error) {
	switch r := do.Request.(type) {
	case node.ScriptRequest:
		return x.runScript(ctx, do, r)
	case node.HTTPRequest:
		return x.callHTTP(ctx, r)
	case node.QueryRequest:
		return x.query(ctx, r)
	case node.MailRequest:
		return node.Done{}, x.Mailer.Send(ctx, r)
	case node.RenderRequest:
		return x.render(ctx, r)
	case node.SessionRequest:
		return node.Done{}, x.session.change(ctx, sessionChange{r.Session, r.Key, r.Value})
	case node.PluginRequest:
		return x.runPlugin(ctx, do, r)
	}
	return nil, fault.New(fault.Internal, "nobody carries out a %T", do.Request)
}

func (x *execution) callHTTP(ctx context.Context, r node.HTTPRequest) (node.Result, error) {
	if r.MaxBytes == 0 {
		r.MaxBytes = x.cfg.Limits.ResponseBytes
	}
	return x.HTTP.Do(ctx, r)
}

func (x *execution) query(ctx context.Context, r node.QueryRequest) (node.Result, error) {
	if r.MaxRows == 0 {
		r.MaxRows = x.cfg.Limits.Rows
	}
	return x.Databases.Query(ctx, r)
}

func (x *execution) render(ctx context.Context, r node.RenderRequest) (node.Result, error) {
	source := r.Source
	if r.Stored != "" {
		stored, err := x.library.template(ctx, r.Stored)
		if err != nil {
			return nil, x.missing(err, "there is no template %q", r.Stored)
		}
		source = stored.Content
	}
	text, err := x.Renderer.Render(ctx, r.Engine, source, r.Data)
	return node.RenderResult{Text: text}, err
}
