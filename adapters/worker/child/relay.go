package child

import (
	"context"
	"encoding/json"
	"io"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// relay is the host of one script: it asks the parent.
type relay struct {
	*worker

	globals map[string]global // sent ahead
	request *ports.Inbound
	asked   bool  // whether request was asked for
	broken  error // why the pipe cannot be used any more
}

type global struct {
	known bool
	value payload.Value
}

var _ ports.Host = (*relay)(nil)

// ask sends a frame and waits for the answer.
func (h *relay) ask(f *protocol.Frame) (protocol.Body, error) {
	if h.broken == nil {
		h.broken = h.writer.Send(f)
	}
	if h.broken != nil {
		return protocol.Body{}, protocolFault(h.broken)
	}
	a, open := <-h.answers
	if !open {
		h.broken = io.ErrUnexpectedEOF
		return protocol.Body{}, protocolFault(h.broken)
	}
	return a.body, nil
}

// read ends reading an answer: a fault of the host comes back as an error.
func (h *relay) read(b *protocol.Body, failed bool) error {
	if failed {
		f := b.Fault(nil)
		if err := b.Err(); err != nil {
			return protocolFault(err)
		}
		return f
	}
	if err := b.Err(); err != nil {
		return protocolFault(err)
	}
	return nil
}

// Call asks the parent's host to call a function.
func (h *relay) Call(_ context.Context, function string, args []payload.Value) (payload.Value, error) {
	f := h.frame.Begin(protocol.Call).Text(function).Int(int64(len(args)))
	for _, arg := range args {
		f.AddValue(arg)
	}
	b, err := h.ask(f)
	if err != nil {
		return payload.Value{}, err
	}
	if b.Bool() {
		return payload.Value{}, h.read(&b, true)
	}
	v := b.Value()
	return v, h.read(&b, false)
}

// Global reads a variable, which the parent may have sent ahead.
func (h *relay) Global(name string) (payload.Value, bool) {
	if g, ok := h.globals[name]; ok {
		return g.value, g.known
	}
	b, err := h.ask(h.frame.Begin(protocol.Global).Text(name))
	if err != nil {
		return payload.Value{}, false
	}
	known := b.Bool()
	return b.Value(), known
}

// Request asks for the HTTP request being served.
func (h *relay) Request() *ports.Inbound {
	if h.asked {
		return h.request
	}
	h.asked = true
	b, err := h.ask(h.frame.Begin(protocol.Request))
	if err != nil {
		return nil
	}
	h.request = inbound(b.Raw())
	return h.request
}

// inbound reads a request; nil when there is none.
func inbound(text []byte) *ports.Inbound {
	var in ports.Inbound
	if len(text) == 0 || json.Unmarshal(text, &in) != nil { // the parent encoded it
		return nil
	}
	return &in
}

// Module asks for a stored module.
func (h *relay) Module(_ context.Context, name string) (node.Script, error) {
	b, err := h.ask(h.frame.Begin(protocol.Module).Text(name))
	if err != nil {
		return node.Script{}, err
	}
	if b.Bool() {
		return node.Script{}, h.read(&b, true)
	}
	script := b.Script()
	script.Code = h.code(b.Source())
	return script, h.read(&b, false)
}

// Log sends a line, for which nobody waits.
func (h *relay) Log(level, line string) {
	if h.broken == nil {
		h.broken = h.writer.Send(h.frame.Begin(protocol.Log).Text(level).Text(line))
	}
}
