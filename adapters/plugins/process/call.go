package process

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// exchange is one call on its way.
type exchange struct {
	done   chan struct{}
	answer wire.Frame
	err    error // a gRPC status, or io.EOF
}

// call carries out one call that begin counted. over is told when the plugin has
// ended it, which may be after the caller went away.
func (g *generation) call(ctx context.Context, op wire.Op, request wire.Frame, host calls.HostFunc, over func()) (wire.Frame, error) {
	defer g.left()
	x := &exchange{done: make(chan struct{})}
	go func() {
		defer g.tasks.Done()
		defer over()
		defer close(x.done)
		x.answer, x.err = g.carry(ctx, op, request, host)
	}()
	select {
	case <-x.done:
	case <-ctx.Done():
		return wire.Frame{}, g.abandon(ctx, op, x)
	}
	switch {
	case ctx.Err() != nil: // an answer may be nothing but the news that the host gave up
		return wire.Frame{}, fault.Wrap(ctx.Err(), fault.Cancelled, "the call was cancelled")
	case x.err == nil:
		return x.answer, nil
	}
	return wire.Frame{}, g.failure(x.err)
}

// carry speaks gRPC. It may outlive the caller, who is told at once when ctx ends.
func (g *generation) carry(ctx context.Context, op wire.Op, request wire.Frame, host calls.HostFunc) (wire.Frame, error) {
	switch op {
	case wire.Describe:
		return g.rpc.Describe(context.WithoutCancel(ctx))
	case wire.Configure:
		return g.rpc.Configure(context.WithoutCancel(ctx), request.Payload)
	}
	call, err := g.rpc.Invoke(ctx, request, host)
	if err != nil {
		return wire.Frame{}, err
	}
	<-call.Ended()
	return call.Result()
}

// abandon lets a call end without its caller. A process that does not end it in
// time is killed, since whatever it still does nobody can stop otherwise. A caller
// who goes away early takes no time from the call: many plugins do not notice, and
// whoever hangs up must not be able to end them.
func (g *generation) abandon(ctx context.Context, op wire.Op, x *exchange) error {
	ended := fault.Wrap(ctx.Err(), fault.Cancelled, "the call was cancelled")
	if op == wire.Describe || op == wire.Configure { // these cannot be told to end
		g.fail("it was killed because it did not answer "+string(op)+" in time", ours)
		return ended
	}
	left := time.Duration(0)
	if deadline, bounded := ctx.Deadline(); bounded && errors.Is(ctx.Err(), context.Canceled) {
		left = max(0, time.Until(deadline))
	}
	time.AfterFunc(left+g.launch.cfg.Grace, func() {
		select {
		case <-x.done:
		default:
			g.fail("it was killed because it did not end a cancelled call within "+g.launch.cfg.Grace.String(), ours)
		}
	})
	return ended
}

// lateExit is how long the news of a process's end may take after its
// connection broke.
const lateExit = 250 * time.Millisecond

// failure is the fault behind an error of gRPC.
func (g *generation) failure(err error) error {
	if errors.Is(err, io.EOF) {
		return fault.New(fault.PluginFailed, "it ended the call without a result")
	}
	s := status.Convert(err)
	if s.Code() == codes.Unavailable {
		g.broken()
	}
	select {
	case <-g.dead:
		return g.lost()
	default:
	}
	message := shorten(s.Message(), saidBytes)
	switch s.Code() {
	case codes.ResourceExhausted:
		return fault.New(fault.PluginFailed, "a message is larger than plugins.max_payload allows: %s", message)
	case codes.Unimplemented:
		return fault.New(fault.PluginFailed, "it does not serve nflow.plugin.v1.Plugin as plugin.proto says: %s", message)
	}
	return fault.New(fault.PluginFailed, "it broke the call off (%s): %s", s.Code(), message)
}

// broken is told that the connection ended: the process did as well, or is of no
// use any more.
func (g *generation) broken() {
	timer := time.NewTimer(lateExit)
	defer timer.Stop()
	select {
	case <-g.dead:
	case <-g.program.exited:
		g.fail(g.program.ended(), itsOwn)
	case <-timer.C:
		g.fail("its connection broke", itsOwn)
	}
}

// lost is the fault of a call whose process is gone. Who was alone with it is to
// blame; among several nobody knows, and trying again makes sense.
func (g *generation) lost() error {
	reason, alone := g.why()
	reason = forCallers(reason)
	if alone {
		return fault.New(fault.PluginFailed, "%s, during the call", reason)
	}
	return fault.New(fault.Unavailable, "%s", reason).Retry(1)
}
