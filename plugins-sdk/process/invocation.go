package process

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/proto"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// queuedHostCalls is how many host calls of one invocation wait for their turn
// before its stream is not read any further.
const queuedHostCalls = 16

// Invocation is one call under way, as the host sees it.
type Invocation struct {
	ctx    context.Context // the caller's: when it ends, nobody waits
	stream grpc.BidiStreamingClient[proto.HostMessage, proto.PluginMessage]
	abort  context.CancelFunc // ends the stream

	sending sync.Mutex
	ended   chan struct{}
	answer  wire.Frame
	err     error
}

// Invoke starts a call. host carries out host calls, one after the other; its
// context ends with ctx, and when the plugin is done. When ctx ends the plugin is
// told, and has until Abort to stop: whoever calls must wait for Ended or Abort.
// The error is a gRPC status.
func (c *Client) Invoke(ctx context.Context, start wire.Frame, host func(context.Context, wire.Frame) wire.Frame) (*Invocation, error) {
	// The stream outlives ctx so that the plugin can be told of its end.
	streamCtx, abort := context.WithCancel(context.WithoutCancel(ctx))
	stream, err := c.rpc.Invoke(streamCtx)
	if err != nil {
		abort()
		return nil, err
	}
	i := &Invocation{ctx: ctx, stream: stream, abort: abort, ended: make(chan struct{})}
	i.sending.Lock() // nothing goes out before start
	stop := context.AfterFunc(ctx, func() {
		_ = i.send(&proto.HostMessage{Kind: &proto.HostMessage_Cancel{Cancel: true}})
	})
	go func() {
		defer stop()
		// What is wrong with the stream is what receiving says.
		_ = stream.Send(&proto.HostMessage{Kind: &proto.HostMessage_Start{Start: message(start)}})
		i.sending.Unlock()
		i.converse(host)
	}()
	return i, nil
}

// Result waits for the answer, or for the end of the context given to Invoke,
// whose error it then returns. Other errors are gRPC statuses.
func (i *Invocation) Result() (wire.Frame, error) {
	select {
	case <-i.ended:
		return i.answer, i.err
	case <-i.ctx.Done():
	}
	select { // an answer that came at the same moment counts
	case <-i.ended:
		return i.answer, i.err
	default:
		return wire.Frame{}, i.ctx.Err()
	}
}

// Ended is closed when the plugin is done with the call: it answered, stopped
// after a cancellation, or is gone.
func (i *Invocation) Ended() <-chan struct{} { return i.ended }

// Abort gives the stream up. The plugin sees its end, if it looks.
func (i *Invocation) Abort() { i.abort() }

// converse reads the stream to its end.
func (i *Invocation) converse(host func(context.Context, wire.Frame) wire.Frame) {
	hostCtx, endHost := context.WithCancel(i.ctx)
	requests := make(chan wire.Frame, queuedHostCalls)
	var relay sync.WaitGroup
	relay.Go(func() { i.relay(hostCtx, requests, host) })
	answer, err := i.receive(requests)
	endHost()
	close(requests)
	relay.Wait()
	i.answer, i.err = answer, err
	i.abort()
	close(i.ended)
}

// receive reads messages until the result.
func (i *Invocation) receive(requests chan<- wire.Frame) (wire.Frame, error) {
	for {
		m, err := i.stream.Recv()
		if err != nil {
			return wire.Frame{}, err
		}
		switch {
		case m.GetResult() != nil:
			return frame(m.GetResult()), nil
		case m.GetHostCall() != nil:
			requests <- frame(m.GetHostCall())
		default:
			return wire.Frame{}, status.Error(codes.Internal, "the plugin sent a message that is neither host_call nor result")
		}
	}
}

// relay carries out host calls in their order.
func (i *Invocation) relay(ctx context.Context, requests <-chan wire.Frame, host func(context.Context, wire.Frame) wire.Frame) {
	for r := range requests {
		f := cancelled(ctx)
		if ctx.Err() == nil {
			f = host(ctx, r)
		}
		_ = i.send(&proto.HostMessage{Kind: &proto.HostMessage_HostResult{HostResult: message(f)}})
	}
}

func (i *Invocation) send(m *proto.HostMessage) error {
	i.sending.Lock()
	defer i.sending.Unlock()
	return i.stream.Send(m)
}
