package sandboxtest

import (
	"context"
	"sync"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// host is a host made of values, which remembers what it was told.
type host struct {
	mu    sync.Mutex
	lines []string // "level: line"
	calls []string // "function argument argument"
	hangs chan struct{}
}

var _ ports.Host = (*host)(nil)

// Call answers echo with its first argument, fail with a fault, and hang when
// its context ends.
func (h *host) Call(ctx context.Context, function string, args []payload.Value) (payload.Value, error) {
	call := function
	for _, a := range args {
		call += " " + string(a.Bytes())
	}
	h.mu.Lock()
	h.calls = append(h.calls, call)
	h.mu.Unlock()
	switch function {
	case "echo":
		if len(args) > 0 {
			return args[0], nil
		}
		return payload.Value{}, nil
	case "fail":
		return payload.Value{}, fault.New(fault.Upstream, "the server said no")
	case "hang":
		if h.hangs != nil {
			close(h.hangs)
		}
		<-ctx.Done()
		return payload.Value{}, fault.Wrap(context.Cause(ctx), fault.Cancelled, "the call was cancelled")
	}
	return payload.Value{}, fault.New(fault.Internal, "there is no function %s in this test", function)
}

// Global knows profile.
func (h *host) Global(name string) (payload.Value, bool) {
	if name == "profile" {
		return payload.Trusted([]byte(`{"name":"Ana","roles":["a","b"]}`)), true
	}
	return payload.Value{}, false
}

// Request is the one request of the suite.
func (h *host) Request() *ports.Inbound {
	return &ports.Inbound{
		Method: "POST", Path: "/items/7", RawQuery: "page=3", Scheme: "https", Host: "example.com", RealIP: "192.0.2.7",
		Header:   map[string][]string{"Content-Type": {"text/plain"}, "X-Tag": {"one", "two"}},
		Body:     []byte("añb"),
		PathVars: []ports.PathVar{{Name: "id", Value: "7"}},
	}
}

// Module has a few.
func (h *host) Module(_ context.Context, name string) (node.Script, error) {
	modules := map[string]node.Script{
		"double":  {Code: "module.exports = x => x * 2"},
		"counter": {Code: "let n = 0; exports.next = () => ++n"},
		"typed":   {Code: "export const twice = (x: number): number => x * 2", Language: node.TypeScript},
		"broken":  {Code: "let a = 1\nlet b = )"},
		"throws":  {Code: "\nthrow new Error('from inside')"},
		"endless": {Code: "for (;;);"},
		"ring-a":  {Code: "exports.a = 1; exports.b = require('ring-b').b"},
		"ring-b":  {Code: "exports.b = require('ring-a').a + 1"},
	}
	if m, ok := modules[name]; ok {
		return m, nil
	}
	return node.Script{}, fault.New(fault.NotFound, "no module %q", name)
}

// Log keeps the line.
func (h *host) Log(level, line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, level+": "+line)
}
