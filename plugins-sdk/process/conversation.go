package process

import (
	"context"
	"errors"
	"sync"

	"google.golang.org/grpc"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/proto"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// conversation is one Invoke as the plugin sees it: host calls go out, and their
// results come back in the same order.
type conversation struct {
	stream grpc.BidiStreamingServer[proto.HostMessage, proto.PluginMessage]

	sending sync.Mutex // held to send, so that waiting has the order of the stream

	mu      sync.Mutex
	waiting []chan wire.Frame // one for each host call without a result, in order
	closed  bool
}

// listen hands out results until the stream ends, and ends the call with it or
// when the host says so.
func (c *conversation) listen(cancel context.CancelFunc) {
	defer cancel()
	defer c.close()
	for {
		m, err := c.stream.Recv()
		if err != nil {
			return
		}
		if m.GetCancel() {
			cancel()
		}
		if result := m.GetHostResult(); result != nil {
			c.deliver(frame(result))
		}
	}
}

// host carries out one host call. When ctx ends it does not wait; the result
// that comes later is thrown away.
func (c *conversation) host(ctx context.Context, request wire.Frame) wire.Frame {
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	result, err := c.ask(request)
	if err != nil {
		return gone()
	}
	select {
	case f, open := <-result:
		if !open {
			return gone()
		}
		return f
	case <-ctx.Done():
		return cancelled(ctx)
	}
}

// ask sends a host call and takes a place in the queue of results.
func (c *conversation) ask(request wire.Frame) (<-chan wire.Frame, error) {
	c.sending.Lock()
	defer c.sending.Unlock()
	result := make(chan wire.Frame, 1)
	c.mu.Lock()
	if c.closed {
		close(result)
	} else {
		c.waiting = append(c.waiting, result)
	}
	c.mu.Unlock()
	err := c.stream.Send(&proto.PluginMessage{Kind: &proto.PluginMessage_HostCall{HostCall: message(request)}})
	return result, err
}

func (c *conversation) send(m *proto.PluginMessage) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	return c.stream.Send(m)
}

func (c *conversation) deliver(f wire.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return // a result nobody asked for
	}
	c.waiting[0] <- f
	c.waiting = c.waiting[1:]
}

func (c *conversation) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	for _, w := range c.waiting {
		close(w)
	}
	c.waiting = nil
}

func cancelled(ctx context.Context) wire.Frame {
	e := &wire.Error{Code: wire.Cancelled, Message: "the call was cancelled"}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e = &wire.Error{Code: wire.DeadlineExceeded, Message: "the time for the host call is over"}
	}
	return wire.Failure(e)
}

func gone() wire.Frame {
	return wire.Failure(&wire.Error{Code: wire.Cancelled, Message: "the host ended the call"})
}
