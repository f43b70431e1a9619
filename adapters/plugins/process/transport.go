package process

import (
	"context"
	"math"
	"os"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// transport is one plugin, whatever happens to its processes.
type transport struct {
	launch launch
	places chan struct{} // for calls at once, those without a caller included; nil = any number
	forget func()        // by its loader
	stop   context.Context
	end    context.CancelFunc
	over   chan struct{} // closed when nobody starts processes any more
	closed sync.Once

	mu       sync.Mutex
	status   health
	now      *generation
	problem  string        // the last reason of an end
	due      time.Time     // of the next start
	changed  chan struct{} // closed with each change of status
	restarts int
	settings *wire.Frame // the configure call every process gets
}

var _ calls.Transport = (*transport)(nil)

// health is what ports.PluginState calls it.
type health string

const (
	ok          health = "ok"
	restarting  health = "restarting"
	quarantined health = "quarantined"
	isClosed    health = "closed"
)

func newTransport(l launch, first *generation, forget func()) *transport {
	stop, end := context.WithCancel(context.Background())
	t := &transport{
		launch: l, forget: forget, stop: stop, end: end, over: make(chan struct{}),
		status: ok, now: first, changed: make(chan struct{}),
	}
	if l.concurrent > 0 {
		t.places = make(chan struct{}, l.concurrent)
	}
	go t.supervise(first)
	return t
}

// Call implements calls.Transport.
func (t *transport) Call(ctx context.Context, op wire.Op, request wire.Frame, host calls.HostFunc) (wire.Frame, error) {
	if size := request.Size(); size > t.launch.message {
		return wire.Frame{}, fault.New(fault.TooLarge, "the call has %d bytes with its header; plugins.max_payload allows %d", size, t.launch.message)
	}
	if err := t.takePlace(ctx); err != nil {
		return wire.Frame{}, err
	}
	g, err := t.acquire(ctx)
	if err != nil {
		t.leavePlace()
		return wire.Frame{}, err
	}
	answer, err := g.call(ctx, op, request, host, t.leavePlace)
	if op == wire.Configure && err == nil && !failed(answer) {
		t.mu.Lock()
		t.settings = &request
		t.mu.Unlock()
	}
	return answer, err
}

// takePlace waits while as many calls run as may, since callers who go away
// leave their calls behind.
func (t *transport) takePlace(ctx context.Context) error {
	if ctx.Err() != nil {
		return fault.Wrap(ctx.Err(), fault.Cancelled, "the call was cancelled before it began")
	}
	if t.places == nil {
		return nil
	}
	select {
	case t.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.New(fault.LimitExceeded, "it is busy: %d calls run at once, and those whose callers went away have not ended yet", cap(t.places)).
			OverLimit("plugins.max_concurrent").Retry(1)
	}
}

func (t *transport) leavePlace() {
	if t.places != nil {
		<-t.places
	}
}

// acquire begins a call with the living process. When one is about to be
// started it waits for that, since most callers would come back anyway.
func (t *transport) acquire(ctx context.Context) (*generation, error) {
	g, changed, err := t.living()
	if g != nil || err != nil {
		return g, err
	}
	patience := time.NewTimer(t.launch.cfg.Patience)
	defer patience.Stop()
	for {
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fault.Wrap(ctx.Err(), fault.Cancelled, "the call was cancelled while the plugin was being started again")
		case <-patience.C:
			return nil, t.away()
		}
		if g, changed, err = t.living(); g != nil || err != nil {
			return g, err
		}
	}
}

// living is the process, with a call begun; or nil and what to wait for.
func (t *transport) living() (*generation, <-chan struct{}, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.downLocked(); err != nil {
		return nil, nil, err
	}
	if t.now != nil && t.now.begin() {
		return t.now, nil, nil
	}
	return nil, t.changed, nil
}

// downLocked is the fault of a call that need not wait.
func (t *transport) downLocked() error {
	switch t.status {
	case quarantined:
		return fault.New(fault.Unavailable, "%s", forCallers(t.problem)).Retry(seconds(t.launch.cfg.MaxBackoff))
	case isClosed:
		return fault.New(fault.Unavailable, "it was closed").Retry(1)
	case restarting:
		if time.Until(t.due) > t.launch.cfg.Patience {
			return t.awayLocked()
		}
	}
	return nil
}

func (t *transport) away() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.awayLocked()
}

func (t *transport) awayLocked() error {
	return fault.New(fault.Unavailable, "it is being started again: %s", forCallers(t.problem)).Retry(seconds(time.Until(t.due)))
}

// seconds rounds up, for Retry-After.
func seconds(d time.Duration) int { return max(1, int(math.Ceil(d.Seconds()))) }

// State implements calls.Transport.
func (t *transport) State() ports.PluginState {
	t.mu.Lock()
	s := ports.PluginState{Status: string(t.status), Restarts: t.restarts}
	if t.status != ok {
		s.Problem = t.problem
	}
	g := t.now
	t.mu.Unlock()
	if g == nil {
		return s
	}
	if pid := g.program.started(); pid != 0 {
		u := usageOf(pid)
		s.Processes, s.MemoryBytes = u.processes, u.resident
	}
	return s
}

// Close implements calls.Transport.
func (t *transport) Close(ctx context.Context) error {
	t.closed.Do(func() {
		t.mu.Lock()
		g := t.now
		t.set(isClosed, nil, "")
		t.mu.Unlock()
		t.end()
		if g != nil {
			g.close(ctx)
		}
		<-t.over
		_ = os.RemoveAll(t.launch.dir) // what stays goes with the loader's directory
		t.forget()
	})
	<-t.over
	return nil
}
