package wasm

import (
	"context"
	"fmt"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// job is one call. ctx is the caller's, inner the one that bounds it.
type job struct {
	ctx, inner context.Context //nolint:containedctx // it lives as long as the call
	op         wire.Op
	request    wire.Frame
	host       calls.HostFunc
}

// carryOut makes one call with an instance of the pool, or a new one.
func (t *transport) carryOut(j job) (wire.Frame, error) {
	i := t.take()
	if i == nil {
		var err error
		if i, err = t.freshInstance(j); err != nil {
			t.failed(err)
			return wire.Frame{}, err
		}
	}
	frame, err := i.converse(j.inner, j.request, j.host, t.maxFrame())
	// When the time is over the engine may mark the module as closed at any moment,
	// and the guest may have answered only because its sleep was cut short.
	if err == nil {
		err = j.inner.Err()
	}
	if err == nil {
		if j.op == wire.Configure && errorIn(frame) == nil {
			t.keepSettings(j.ctx, i, j.request)
		}
		t.giveBack(j.ctx, i)
		return frame, nil
	}
	err = t.explain(j.ctx, j.inner, i, err)
	t.failed(err)
	t.restarts.Add(1)
	i.discard(j.ctx)
	return wire.Frame{}, err
}

// freshInstance is a new one with the settings of the others.
func (t *transport) freshInstance(j job) (*instance, error) {
	i, err := t.newInstance(j.ctx, j.inner)
	if err != nil || j.op == wire.Configure {
		return i, err
	}
	if err := t.configure(j.inner, i); err != nil {
		err = t.explain(j.ctx, j.inner, i, err)
		i.discard(j.ctx)
		return nil, err
	}
	return i, nil
}

// maxFrame bounds what a guest hands over at once.
func (t *transport) maxFrame() int {
	if t.spec.MaxPayload <= 0 {
		return int(min(t.spec.MemoryBytes, 1<<31-1))
	}
	return t.spec.MaxPayload + headerBytes
}

// take is an instance that waits for work, the one used last, as its memory is
// warm; nil when there is none.
func (t *transport) take() *instance {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := len(t.idle) - 1
	if last < 0 {
		return nil
	}
	i := t.idle[last]
	t.idle[last] = nil
	t.idle = t.idle[:last]
	return i
}

// giveBack keeps an instance for the next call, unless its settings are old.
func (t *transport) giveBack(ctx context.Context, i *instance) {
	t.mu.Lock()
	t.problem = ""
	fits := i.generation == t.generation
	if fits {
		t.idle = append(t.idle, i)
	}
	t.mu.Unlock()
	if !fits {
		i.discard(ctx)
	}
}

// failed remembers what went wrong last.
func (t *transport) failed(err error) {
	if code := fault.CodeOf(err); code == fault.Cancelled || code == fault.Unavailable {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.problem = fault.As(err).Message
}

// converse makes the guest answer one request.
func (i *instance) converse(ctx context.Context, request wire.Frame, host calls.HostFunc, most int) (frame wire.Frame, err error) {
	i.exchange.begin(request, host, most)
	defer i.exchange.end()
	err = safely(func() error {
		status, err := i.callGuest(i.guestContext(ctx))
		if err != nil {
			return err
		}
		frame, err = i.exchange.answer(status)
		return err
	})
	return frame, err
}

// answer is what the guest wrote, and what it returned must fit.
func (e *exchange) answer(status uint32) (wire.Frame, error) {
	if status > 1 {
		return wire.Frame{}, breach{fault.PluginFailed, fmt.Sprintf("nflow_call returned %d; it must return 0, or 1 for an error", int32(status))}
	}
	if e.output == nil {
		return wire.Frame{}, breach{fault.PluginFailed, "nflow_call gave no answer; it must call output_write"}
	}
	f, err := wire.Parse(e.output)
	if err != nil {
		return f, breach{fault.PluginFailed, "its answer is broken: " + err.Error()}
	}
	if status == 1 && errorIn(f) == nil {
		return f, breach{fault.PluginFailed, "nflow_call returned 1, but the header of its answer has no error"}
	}
	return f, nil
}
