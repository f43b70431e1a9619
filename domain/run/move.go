package run

import (
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// nodeEnded moves a token on from a node that did its work.
func (m *machine) nodeEnded(i int, o node.Outcome) {
	if size := sizeOf(o); m.state.maxBytes > 0 && size > m.state.maxBytes {
		m.nodeFailed(i, fault.New(fault.LimitExceeded, "the payload has %d bytes; the most is %d", size, m.state.maxBytes).OverLimit(PayloadLimit))
		return
	}
	if len(o.Emitted) > 0 {
		m.fire(i, o)
		return
	}
	t := &m.state.tokens[i]
	t.payload = o.Payload
	if !o.Locals.IsZero() {
		m.state.locals = o.Locals
	}
	if t.front && !m.state.replied {
		m.state.header = slices.Concat(m.state.header, o.Header)
	}
	targets, output := m.targets(t, o)
	m.emit(Visited{
		Token: t.id, Node: t.node, Next: first(targets), Output: output, Payload: t.payload,
		ReplyIgnored: o.Reply != nil && (m.state.replied || !t.front),
	})
	if o.Reply != nil && t.front {
		m.answer(*o.Reply, t.payload)
	}
	if o.Park {
		m.state.parked = true
		m.emit(Park{Node: t.node, Payload: t.payload})
	}
	m.follow(i, targets)
}

// sizeOf is what a node hands on, in bytes.
func sizeOf(o node.Outcome) int {
	if len(o.Emitted) == 0 {
		return len(o.Payload.Bytes())
	}
	size := 0
	for _, e := range o.Emitted {
		size += len(e.Payload.Bytes())
	}
	return size
}

// fire sends a token along with the first of what a node emitted, and copies of
// it with the rest. Each is one visit at least, so more than the run may still
// make stop it before they fill the memory.
func (m *machine) fire(i int, o node.Outcome) {
	t := m.state.tokens[i]
	if len(o.Emitted) > m.state.maxSteps-m.state.steps {
		m.stop(tooManySteps(m.state.maxSteps).AtNode(m.graph.Node(t.node).ID))
		return
	}
	followed := false
	for n, e := range o.Emitted {
		targets, output := m.targets(&t, node.Outcome{Next: e.Next})
		if n == 0 {
			m.emit(Visited{Token: t.id, Node: t.node, Next: first(targets), Output: output, Payload: e.Payload})
		}
		for _, target := range targets {
			if !followed {
				followed = true
				m.state.tokens[i].payload = e.Payload
				m.move(i, target)
				continue
			}
			m.add(token{node: target, prev: t.node, payload: e.Payload})
		}
	}
	if !followed {
		m.state.tokens[i].payload = o.Emitted[0].Payload
		m.follow(i, nil)
	}
}

// move sends a token to another node.
func (m *machine) move(i, target int) {
	t := &m.state.tokens[i]
	t.prev, t.node = t.node, target
	m.ready = append(m.ready, t.id)
}

// targets lists where a token goes and names the output it takes.
func (m *machine) targets(t *token, o node.Outcome) (targets []int, output string) {
	if o.Stop || o.Park {
		return nil, ""
	}
	if o.All {
		return m.graph.FollowAll(t.node), "*"
	}
	if output = o.Next; output == "" {
		output = m.graph.Node(t.node).DefaultOutput
	}
	targets = m.graph.Follow(t.node, output)
	if len(targets) == 0 && o.Jump {
		if to, ok := m.graph.Find(flow.Key{Flow: m.graph.Node(t.node).Flow, ID: o.Next}); ok {
			targets = []int{to}
		}
	}
	if len(targets) == 0 {
		return nil, ""
	}
	return targets, output
}

// first is the first of the targets; -1 = none.
func first(targets []int) int {
	if len(targets) == 0 {
		return -1
	}
	return targets[0]
}

// follow sends a token to the first target and copies of it to the others; with
// no target the token ends.
func (m *machine) follow(i int, targets []int) {
	t := m.state.tokens[i]
	if len(targets) == 0 {
		m.state.tokens = slices.Delete(m.state.tokens, i, i+1)
		if t.front {
			m.answer(node.ValueReply(200, t.payload), t.payload)
		}
		return
	}
	from := t.node
	m.move(i, targets[0])
	for _, target := range targets[1:] {
		m.add(token{node: target, prev: from, payload: t.payload})
	}
}

// answer replies unless somebody did before, with every header that was added on
// the way.
func (m *machine) answer(r node.Reply, p payload.Value) {
	if m.state.replied {
		return
	}
	m.state.replied = true
	r.Header = slices.Concat(r.Header, m.state.header)
	m.emit(Reply{Reply: r, Payload: p})
}

func (m *machine) answerFault(f *fault.Fault) {
	if !m.state.replied {
		m.state.replied = true
		m.emit(Reply{Fault: f})
	}
}

// nodeFailed sends the token down the node's error output, or ends it: the run
// has failed then, but branches beside it go on.
func (m *machine) nodeFailed(i int, f *fault.Fault) {
	t := &m.state.tokens[i]
	n := m.graph.Node(t.node)
	f = f.AtNode(n.ID)
	if handlers := m.graph.Follow(t.node, flow.ErrorOutput); len(handlers) > 0 {
		t.payload = failurePayload(f, t.payload)
		m.emit(Visited{Token: t.id, Node: t.node, Next: first(handlers), Output: flow.ErrorOutput, Payload: t.payload, Fault: f})
		m.follow(i, handlers)
		return
	}
	m.emit(Visited{Token: t.id, Node: t.node, Next: first(nil), Payload: t.payload, Fault: f})
	f = asFailure(f)
	if m.state.fault == nil {
		m.state.fault = f
	}
	front := t.front
	m.state.tokens = slices.Delete(m.state.tokens, i, i+1)
	if front {
		m.answerFault(f)
	}
}

// asFailure keeps a run's failure from reading like a fault of the request that
// started it: "invalid" inside a node is not an invalid request.
func asFailure(f *fault.Fault) *fault.Fault {
	switch f.Code { //nolint:exhaustive // every other code already speaks of the workflow
	case fault.Malformed, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.MethodNotAllowed,
		fault.Conflict, fault.PreconditionFailed, fault.TooLarge, fault.UnsupportedMedia, fault.Invalid:
		c := *f
		c.Code = fault.NodeFailed
		return &c
	}
	return f
}

// failurePayload is what an error output receives: code, message and place of
// the failure, and under payload what the node had been given.
func failurePayload(f *fault.Fault, given payload.Value) payload.Value {
	fields := map[string]any{"code": f.Code, "message": f.Message, "node": f.Node, "payload": given}
	if f.Field != "" {
		fields["field"] = f.Field
	}
	if f.Line > 0 {
		fields["line"], fields["column"] = f.Line, f.Column
	}
	if f.Limit != "" {
		fields["limit"] = f.Limit
	}
	if f.Status != 0 {
		fields["status"] = f.Status
	}
	if f.Detail != "" {
		fields["plugin"] = payload.Trusted([]byte(f.Detail))
	}
	v, err := payload.From(fields)
	if err != nil { // texts and numbers always encode
		return given
	}
	return v
}

// mergeSubmitted is the payload a resumed run goes on with.
func mergeSubmitted(e Resumed) payload.Value {
	return payload.Merge(e.Payload.Without("break"), e.Submitted.Without("break"), payload.EmptyObject())
}
