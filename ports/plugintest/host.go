package plugintest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// host is a host made of values, which remembers what it was asked.
type host struct {
	mu    sync.Mutex
	calls []string      // "method arguments"
	once  sync.Once     // for began
	began chan struct{} // closed when the probe says that it is at work; nil = nobody waits
	ended chan error    // gets what ended probe.hang
}

var _ ports.PluginHost = (*host)(nil)

func newHost() *host { return &host{began: make(chan struct{}), ended: make(chan error, 8)} }

// CallHost answers echo with its arguments, and fails or hangs on demand.
func (h *host) CallHost(ctx context.Context, method string, args payload.Value) (payload.Value, error) {
	if method == "probe.began" {
		if h.began != nil {
			h.once.Do(func() { close(h.began) })
		}
		return payload.Value{}, nil
	}
	h.mu.Lock()
	h.calls = append(h.calls, method+" "+string(args.Bytes()))
	h.mu.Unlock()
	switch method {
	case "probe.echo":
		return args, nil
	case "probe.nothing":
		return payload.Value{}, nil
	case "probe.denied":
		return payload.Value{}, fault.New(fault.Forbidden, "kv probe was not granted to the plugin")
	case "probe.away":
		return payload.Value{}, fault.New(fault.Unavailable, "the server is away").Retry(3)
	case "probe.secret":
		return payload.Value{}, fault.New(fault.Internal, "the password is swordfish")
	case "probe.big":
		return value(`"` + strings.Repeat("x", maxPayload) + `"`), nil
	case "probe.hang":
		<-ctx.Done()
		if h.ended != nil {
			h.ended <- ctx.Err()
		}
		return payload.Value{}, fault.Wrap(context.Cause(ctx), fault.Cancelled, "the host call was cancelled")
	}
	return payload.Value{}, fault.New(fault.NotFound, "there is no method %s in this test", method)
}

// asked are the calls so far.
func (h *host) asked() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.calls...)
}

// waitBegan waits for the probe to be at work.
func (h *host) waitBegan(t testing.TB) {
	t.Helper()
	select {
	case <-h.began:
	case <-time.After(patience):
		t.Fatal("the probe never said that it is at work")
	}
}
