package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// execution is one run under way.
type execution struct {
	*Runtime

	id        string
	published *published
	in        *ports.Inbound // nil without an HTTP request
	session   *session
	startNode int
	endpoint  string // path of the request, without continuation parts
	trusted   bool   // started through the API: auth() of the start node does not apply
	resumed   bool

	ctx     context.Context //nolint:containedctx // the life of the run, shared by its tokens
	cancel  context.CancelCauseFunc
	vars    payload.Value // path variables, an object
	queued  atomic.Int32  // scripts that wait for a place, or gave up waiting
	state   run.State
	results chan tokenResult
	flying  int // requests under way beside the driver
	record  *record
	visits  int             // nodes visited
	tracked *trackedRequest // set with the first tracked node

	mu  sync.Mutex
	env map[string]string // what set_env changed
}

type tokenResult struct {
	event run.Event
	token int
	took  time.Duration
}

func (r *Runtime) newExecution(p *published, in *ports.Inbound, trigger string) *execution {
	x := &execution{Runtime: r, id: r.IDs.RunID(), published: p, in: in}
	sessionID := ""
	if in != nil {
		sessionID = in.SessionID
		x.endpoint = in.Path
	}
	x.session = newSession(r, sessionID)
	x.record = newRecord(x.id, p, trigger, r.Clock.Now())
	return x
}

// logger says of which run it speaks. Most runs log nothing, so it is made when
// it is wanted.
func (x *execution) logger() *slog.Logger { return x.Log.With("workflow", x.published.ID, "run", x.id) }

// began is the event that starts the run at a node.
func (x *execution) began(at int, in payload.Value) run.Began {
	b := run.Began{Node: at, Payload: in, Vars: x.vars, MaxSteps: x.cfg.Limits.Steps, MaxBytes: x.cfg.Limits.PayloadBytes}
	if x.endpoint != "" {
		b.URL = requestURL(x.endpoint)
	}
	return b
}

// serve runs an HTTP request to its answer.
func (x *execution) serve(ctx context.Context, e run.Event) (ports.Outbound, error) {
	reply, err := x.begin(ctx, e)
	out := ports.Outbound{RunID: x.id, Session: x.session.cookieChange()}
	if err != nil {
		return out, err
	}
	out.Reply = reply.Reply
	return out, nil
}

// begin drives the run until its client has an answer; what remains goes on in
// the background.
func (x *execution) begin(client context.Context, e run.Event) (*run.Reply, error) {
	ctx, cancelTime := context.WithTimeoutCause(x.runs.base, x.cfg.Limits.RunTime, x.tooLong)
	ctx, cancel := context.WithCancelCause(ctx)
	release := func() { cancel(nil); cancelTime() }
	if err := x.runs.enter(x.id, liveRun{workflow: x.published.ID, cancel: cancel}); err != nil {
		release()
		return nil, err
	}
	x.ctx, x.cancel = ctx, cancel
	detach := context.AfterFunc(client, func() { cancel(x.clientGone(client)) })
	reply, err := x.guardedDrive(e)
	detach()
	if x.state.Live() == 0 && x.flying == 0 {
		x.end(release)
		return reply, err
	}
	go func() { // the branches that outlive the response
		defer x.end(release)
		x.finishBranches()
	}()
	return reply, err
}

func (x *execution) end(release func()) {
	release()
	x.runs.leave(x.id)
}

func (x *execution) clientGone(client context.Context) error {
	if errors.Is(client.Err(), context.DeadlineExceeded) {
		return fault.New(fault.LimitExceeded, "the request took too long").OverLimit("server.request_timeout")
	}
	if !errors.Is(context.Cause(client), context.Canceled) { // the server ended the request itself
		return fault.New(fault.Cancelled, "the runtime is stopping")
	}
	return fault.New(fault.Cancelled, "the client went away")
}

// guardedDrive admits a resumed run, drives it to its reply and stores the
// session before the client learns of it. A panic ends the run.
func (x *execution) guardedDrive(e run.Event) (reply *run.Reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			reply, err = nil, x.panicked("", p)
			x.cancel(err)
		}
	}()
	reply, err = x.admitted(e)
	if err == nil && reply == nil {
		reply, err = x.drive(e)
	}
	if err == nil && reply.Fault != nil {
		err = reply.Fault.InWorkflow(x.published.ID)
	}
	if flushErr := x.session.flush(context.WithoutCancel(x.ctx)); flushErr != nil && err == nil {
		err = flushErr
	}
	return reply, err
}

func (x *execution) admitted(e run.Event) (*run.Reply, error) {
	resumed, ok := e.(run.Resumed)
	if !ok {
		return nil, nil //nolint:nilnil // nothing to admit
	}
	return x.admit(x.ctx, resumed.Began)
}

// clearForm forgets the parked run once it went on to its end.
func (x *execution) clearForm() {
	if !x.resumed {
		return
	}
	if err := x.session.change(x.ctx, sessionChange{section: formSection, value: payload.Value{}}); err != nil {
		x.logger().Warn("cannot clear the form of a finished run", "error", err)
	}
}
