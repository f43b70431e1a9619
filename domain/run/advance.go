package run

import (
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// The configuration keys of the limits that bind here.
const (
	StepLimit    = "limits.max_steps"
	PayloadLimit = "limits.max_payload_bytes"
)

// Advance takes a run one event further. It is total: an event that does not fit
// the state changes nothing and has no effects.
func Advance(g *flow.Graph, s State, e Event) (State, []Effect) {
	m := machine{graph: g, state: s}
	m.state.tokens = slices.Clone(s.tokens)
	switch e := e.(type) {
	case Began:
		m.begin(e)
	case Resumed:
		e.Payload = mergeSubmitted(e)
		m.begin(e.Began)
	case Returned:
		m.returned(e)
	case Failed:
		if i := m.find(e.Token); i >= 0 {
			m.nodeFailed(i, described(e.Fault))
		}
	case Stopped:
		m.stop(described(e.Fault))
	}
	m.run()
	return m.state, m.effects
}

// described is f, or a fault of ours for an event that came without one.
func described(f *fault.Fault) *fault.Fault {
	if f == nil {
		return fault.New(fault.Internal, "the failure has no description")
	}
	return f
}

// machine is one call of Advance at work on its own copy of the state.
type machine struct {
	graph   *flow.Graph
	state   State
	effects []Effect
	ready   []int // ids of tokens that just arrived at a node
}

func (m *machine) emit(e Effect) { m.effects = append(m.effects, e) }

func (m *machine) find(id int) int {
	for i := range m.state.tokens {
		if m.state.tokens[i].id == id {
			return i
		}
	}
	return -1
}

func (m *machine) begin(e Began) {
	if m.state.status != New || e.Node < 0 || e.Node >= m.graph.Len() {
		return
	}
	m.state.status = Running
	m.state.maxSteps = e.MaxSteps
	m.state.maxBytes = e.MaxBytes
	m.state.vars = e.Vars
	m.state.url = e.URL
	m.add(token{node: e.Node, prev: -1, payload: e.Payload, front: true})
}

func (m *machine) add(t token) {
	m.state.serial++
	t.id = m.state.serial
	m.state.tokens = append(m.state.tokens, t)
	m.ready = append(m.ready, t.id)
}

// run visits nodes until every token waits for something or has ended.
func (m *machine) run() {
	if m.state.status != Running {
		return
	}
	for len(m.ready) > 0 && m.state.status == Running {
		id := m.ready[0]
		m.ready = m.ready[1:]
		if i := m.find(id); i >= 0 {
			m.visit(i)
		}
	}
	if len(m.state.tokens) == 0 && m.state.status == Running {
		m.finish()
	}
}

func (m *machine) visit(i int) {
	if m.state.steps >= m.state.maxSteps {
		t := m.state.tokens[i]
		m.stop(tooManySteps(m.state.maxSteps).AtNode(m.graph.Node(t.node).ID))
		return
	}
	m.state.steps++
	t := &m.state.tokens[i]
	step, err := m.graph.Node(t.node).Executor.Plan(m.input(t))
	m.apply(i, step, err)
}

func tooManySteps(most int) *fault.Fault {
	return fault.New(fault.LimitExceeded, "the run visited more than %d nodes", most).OverLimit(StepLimit)
}

func (m *machine) input(t *token) node.Input {
	return node.Input{Payload: t.payload, Vars: m.state.vars, Locals: m.state.locals, URL: m.state.url}
}

func (m *machine) returned(e Returned) {
	i := m.find(e.Token)
	if i < 0 {
		return
	}
	t := &m.state.tokens[i]
	step, err := m.graph.Node(t.node).Executor.Settle(m.input(t), e.Result)
	m.apply(i, step, err)
}

func (m *machine) apply(i int, step node.Step, err error) {
	t := &m.state.tokens[i]
	switch {
	case err != nil:
		m.nodeFailed(i, fault.As(err))
	case step.Request != nil:
		m.emit(Do{Token: t.id, Node: t.node, Prev: t.prev, Request: step.Request})
	default:
		m.nodeEnded(i, step.Outcome)
	}
}

func (m *machine) finish() {
	s := &m.state
	switch {
	case s.fault != nil && s.fault.Code == fault.Cancelled:
		s.status = Cancelled
	case s.fault != nil:
		s.status = Failure
	case s.parked:
		s.status = Parked
	default:
		s.status = Succeeded
	}
	m.emit(Finish{Status: s.status, Fault: s.fault, Steps: s.steps})
}

// stop ends every token at once; what they had just asked for is not done.
func (m *machine) stop(f *fault.Fault) {
	if m.state.status != Running {
		return
	}
	m.state.tokens, m.ready = nil, nil
	m.effects = slices.DeleteFunc(m.effects, func(e Effect) bool {
		_, do := e.(Do)
		return do
	})
	m.state.fault = f
	m.answerFault(f)
	m.finish()
}
