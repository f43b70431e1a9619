//go:build linux

package worker_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var (
	errSecret = errors.New("a secret")
	errGone   = errors.New("the client left")
)

// host answers a few names.
type host struct {
	lines  []string
	inside chan struct{} // closed once "block" was called
	block  chan struct{} // what it waits for
}

func (h *host) Call(ctx context.Context, function string, args []payload.Value) (payload.Value, error) {
	switch function {
	case "echo":
		return payload.From(args)
	case "refuse":
		return payload.Value{}, fault.Wrap(errSecret, fault.Forbidden, "100%s refused", "%")
	case "wait":
		<-ctx.Done()
		return payload.Value{}, fault.Wrap(ctx.Err(), fault.Cancelled, "gone")
	case "slow":
		time.Sleep(20 * time.Millisecond)
	case "block":
		close(h.inside)
		<-h.block
	}
	return payload.Value{}, nil
}

func (h *host) Global(name string) (payload.Value, bool) {
	return payload.Text("value of " + name), name == "known"
}

func (h *host) Request() *ports.Inbound { return &ports.Inbound{Method: "GET", Path: "/x"} }

func (h *host) Module(_ context.Context, name string) (node.Script, error) {
	if name == "missing" {
		return node.Script{}, fault.New(fault.NotFound, "no module %s", name)
	}
	return node.Script{Code: "code of " + name}, nil
}

func (h *host) Log(level, line string) { h.lines = append(h.lines, level+": "+line) }

// observer counts events.
type observer struct {
	mu     sync.Mutex
	counts map[string]int
}

func (o *observer) Counted(e ports.Event, label string, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts[string(e)+" "+label] += n
}

func (o *observer) count(key string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts[key]
}

func (*observer) RequestDone(string, string, int, time.Duration) {}
func (*observer) RunDone(string, ports.RunStatus, time.Duration) {}
func (*observer) NodeDone(string, fault.Code, time.Duration)     {}
func (*observer) Scripts(int, int)                               {}
