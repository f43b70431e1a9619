package wasm

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// transport is one plugin: its compiled module and its instances.
type transport struct {
	spec     ports.PluginSpec
	cfg      Config
	log      *lines
	cache    wazero.CompilationCache // nil = none
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	mounts   mounts

	life  context.Context // ends with Close
	end   context.CancelFunc
	slots chan struct{} // one for each instance that may exist

	mu      sync.Mutex
	closed  bool
	idle    []*instance
	running sync.WaitGroup
	gone    chan struct{} // closed once nothing is left; nil before Close
	problem string        // the last instance's

	settings   *wire.Frame // the configure call that every instance gets; nil = none
	generation int         // of settings

	memory   atomic.Int64 // bytes of all instances
	restarts atomic.Int64
}

var _ calls.Transport = (*transport)(nil)

// headerBytes is how much a header may add to a payload.
const headerBytes = 1 << 20

func newTransport(spec ports.PluginSpec, cfg Config) *transport {
	spec.MaxConcurrent = max(spec.MaxConcurrent, 1)
	if spec.CallTimeout <= 0 {
		spec.CallTimeout = cfg.StartTime
	}
	t := &transport{
		spec: spec, cfg: cfg, log: newLines(cfg.Log, spec.Name, time.Now),
		slots: make(chan struct{}, spec.MaxConcurrent),
	}
	t.life, t.end = context.WithCancel(context.Background())
	return t
}

// enter counts a call in, unless the plugin is closed.
func (t *transport) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.running.Add(1)
	}
	return !t.closed
}

// errCallTime is the cause of calls that took longer than the plugin may.
var errCallTime = errors.New("plugins.call_timeout")

// bounded is the context of work for the plugin: it ends with the caller's, with
// the plugin, and after so much time.
func (t *transport) bounded(ctx context.Context, most time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, most, errCallTime)
	stop := context.AfterFunc(t.life, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// outcome is how a call ended.
type outcome struct {
	frame wire.Frame
	err   error
}

// Call implements calls.Transport. The guest runs in a goroutine of its own, so
// that the answer comes in time even when it does not end.
func (t *transport) Call(ctx context.Context, op wire.Op, request wire.Frame, host calls.HostFunc) (wire.Frame, error) {
	if !t.enter() {
		return wire.Frame{}, errClosed()
	}
	inner, release := t.bounded(ctx, t.spec.CallTimeout)
	select {
	case t.slots <- struct{}{}:
	case <-inner.Done():
		err := t.ended(ctx)
		release()
		t.running.Done()
		return wire.Frame{}, t.busy(err)
	}
	done := make(chan outcome, 1)
	go func() {
		defer t.running.Done()
		frame, err := t.carryOut(job{ctx, inner, op, request, host})
		done <- outcome{frame, err} // before release, which would look like the end of the call's time
		release()
		<-t.slots
	}()
	select {
	case o := <-done:
		return o.frame, o.err
	case <-inner.Done():
	}
	select {
	case o := <-done: // both happened
		return o.frame, o.err
	default:
		return wire.Frame{}, t.ended(ctx)
	}
}

func errClosed() error {
	return fault.New(fault.Unavailable, "it was closed").Retry(1)
}

// ended says why the time of a call is over.
func (t *transport) ended(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return fault.Wrap(context.Cause(ctx), fault.Cancelled, "the call was abandoned")
	case t.life.Err() != nil:
		return errClosed()
	}
	return fault.New(fault.LimitExceeded, "the call took longer than %s (plugins.call_timeout)", t.spec.CallTimeout).OverLimit("plugins.call_timeout")
}

// busy explains a call that found no place.
func (t *transport) busy(err error) error {
	if fault.CodeOf(err) != fault.LimitExceeded {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "all its %d instances (plugins.max_concurrent) were busy for %s", t.spec.MaxConcurrent, t.spec.CallTimeout).Retry(1)
}

// State implements calls.Transport.
func (t *transport) State() ports.PluginState {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := ports.PluginState{Status: "ok", Problem: t.problem, Restarts: int(t.restarts.Load()), MemoryBytes: t.memory.Load()}
	if t.closed {
		s.Status, s.Problem = "closed", ""
	}
	return s
}

// Close implements calls.Transport. A guest that runs is stopped; one that waits
// for the host is waited for until ctx ends, and cleaned up behind it.
func (t *transport) Close(ctx context.Context) error {
	t.mu.Lock()
	if !t.closed {
		t.closed = true
		t.gone = make(chan struct{})
		t.end()
		go t.cleanUp() //nolint:gosec // G118: cleaning up must not end with ctx
	}
	gone := t.gone
	t.mu.Unlock()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return fault.Wrap(context.Cause(ctx), fault.Cancelled, "a call of the plugin %s has not ended yet; it is cleaned up when it does", t.spec.Name)
	}
}

// cleanUp waits for the last call and frees everything.
func (t *transport) cleanUp() {
	defer close(t.gone)
	t.running.Wait()
	ctx := context.Background()
	t.mu.Lock()
	idle := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, i := range idle {
		i.discard(ctx)
	}
	if t.runtime != nil {
		_ = t.runtime.Close(ctx) // only memory
	}
	if t.cache != nil {
		_ = t.cache.Close(ctx) // only memory
	}
	t.mounts.close()
	t.log.flush()
}
