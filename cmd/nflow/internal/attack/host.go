package attack

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// host answers from memory and keeps nothing but the number of what it was
// asked.
type host struct{ calls, lines int }

var _ ports.Host = (*host)(nil)

// maxEcho bounds what a call gives back of its arguments.
const maxEcho = 1 << 10

// Call gives the number of arguments and the size of the first.
func (h *host) Call(ctx context.Context, function string, args []payload.Value) (payload.Value, error) {
	h.calls++
	if err := ctx.Err(); err != nil {
		return payload.Value{}, fault.Wrap(err, fault.Cancelled, "the call was cancelled")
	}
	if len(args) == 0 {
		return payload.Value{}, fault.New(fault.Invalid, "%s needs arguments", function)
	}
	answer := map[string]any{"function": function, "arguments": len(args), "size": len(args[0].Bytes())}
	if len(args[0].Bytes()) <= maxEcho {
		answer["first"] = args[0]
	}
	return payload.From(answer)
}

// Global knows no name.
func (h *host) Global(string) (payload.Value, bool) { return payload.Value{}, false }

// Request is the same for every run.
func (h *host) Request() *ports.Inbound {
	return &ports.Inbound{
		Method: "POST", Path: "/attack", Scheme: "http", Host: "localhost", RealIP: "192.0.2.1",
		Header: map[string][]string{"Content-Type": {"application/json"}}, Body: []byte(`{"n":1}`),
	}
}

// Module has a pair that requires each other, and one that never ends.
func (h *host) Module(_ context.Context, name string) (node.Script, error) {
	h.calls++
	modules := map[string]string{
		"cycle-a": "exports.b = require('cycle-b'); exports.a = require('cycle-a');",
		"cycle-b": "exports.a = require('cycle-a'); for (let i = 0; i < 1000; i++) require('cycle-a');",
		"endless": "for (;;);",
	}
	if code, ok := modules[name]; ok {
		return node.Script{Code: code}, nil
	}
	return node.Script{}, fault.New(fault.NotFound, "there is no module %q", name)
}

// Log counts.
func (h *host) Log(string, string) { h.lines++ }
