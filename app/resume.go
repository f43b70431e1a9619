package app

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// parkedRun is what the session keeps of a run that waits for a form.
type parkedRun struct {
	Workflow string        `json:"workflow"`
	Flow     string        `json:"flow"`
	Start    string        `json:"start"` // the start node the run came from
	Payload  payload.Value `json:"payload"`
	Vars     payload.Value `json:"vars"`
	Endpoint string        `json:"endpoint"`
}

// resume goes on with the run that the visitor's session keeps.
func (r *Runtime) resume(ctx context.Context, s *snapshot, in *ports.Inbound, going flow.Continuation, id string) (ports.Outbound, error) {
	visitor := newSession(r, in.SessionID)
	section, err := visitor.section(ctx, formSection)
	if err != nil {
		return ports.Outbound{}, err
	}
	var parked parkedRun
	if err := section.Decode(&parked); err != nil || parked.Workflow == "" {
		return ports.Outbound{}, fault.New(fault.Conflict, "no form is waiting for this answer: it was finished, or the session ended; please start again")
	}
	p := s.byID[parked.Workflow]
	if p == nil || p.graph == nil {
		return ports.Outbound{}, fault.New(fault.NotFound, "the workflow %q of this form is no longer published", parked.Workflow)
	}
	at, ok := p.graph.Find(flow.Key{Flow: parked.Flow, ID: id})
	if !ok || (going.Flow != "" && going.Flow != parked.Flow) {
		return ports.Outbound{}, fault.New(fault.Forbidden, "the node to go on at does not belong to the form that is waiting").InWorkflow(p.ID)
	}
	start, ok := p.graph.Find(flow.Key{Flow: parked.Flow, ID: parked.Start})
	if !ok || p.graph.Node(start).Start == nil { // nobody is left to ask whether the visitor may
		return ports.Outbound{}, fault.New(fault.Conflict, "the workflow %q of this form has changed; please start again", p.ID)
	}
	if behindOtherAuth(p.graph, start, at) {
		return ports.Outbound{}, fault.New(fault.Forbidden, "the node to go on at is behind the auth() of another start node").InWorkflow(p.ID)
	}
	submitted, err := firstPayload(in, payload.Value{})
	if err != nil {
		return ports.Outbound{}, err
	}
	x := r.newExecution(p, in, "form")
	x.session = visitor
	x.endpoint, x.vars = parked.Endpoint, parked.Vars
	x.resumed = true
	x.startNode = start
	return x.serve(ctx, run.Resumed{Began: x.began(at, parked.Payload), Submitted: submitted})
}

// behindOtherAuth reports whether only start nodes other than a form's own lead
// to a node, and one of them asks auth(): the form would be a way around it.
func behindOtherAuth(g *flow.Graph, start, at int) bool {
	if g.Leads(start, at) {
		return false
	}
	for _, s := range g.Starts() {
		if s.Node != at && g.Node(s.Node).Start.Auth && g.Leads(s.Node, at) {
			return true
		}
	}
	return false
}

// park keeps a run in the visitor's session.
func (x *execution) park(ctx context.Context, e run.Park) error {
	n := x.published.graph.Node(e.Node)
	kept, err := payload.From(parkedRun{
		Workflow: x.published.ID,
		Flow:     n.Flow,
		Start:    x.published.graph.Node(x.startNode).ID,
		Payload:  e.Payload,
		Vars:     x.vars,
		Endpoint: x.endpoint,
	})
	if err != nil {
		return err
	}
	return x.session.change(ctx, sessionChange{section: formSection, value: kept})
}

// admit asks the start node of a resumed run again, so that a form is no way
// around auth(). A nil reply lets the run go on.
func (x *execution) admit(ctx context.Context, began run.Began) (*run.Reply, error) {
	start := x.published.graph.Node(x.startNode)
	if start.Start == nil || !start.Start.Auth {
		return nil, nil //nolint:nilnil // no objection is not an error
	}
	in := node.Input{Payload: began.Payload, Vars: began.Vars, URL: began.URL}
	step, err := start.Executor.Plan(in)
	for err == nil && step.Request != nil {
		var result node.Result
		result, err = x.perform(ctx, run.Do{Node: x.startNode, Prev: -1, Request: step.Request})
		if err == nil {
			step, err = start.Executor.Settle(in, result)
		}
	}
	if err != nil {
		return nil, fault.As(err).AtNode(start.ID)
	}
	if !step.Outcome.Stop {
		return nil, nil //nolint:nilnil // as above
	}
	reply := node.ValueReply(403, payload.Value{})
	if step.Outcome.Reply != nil {
		reply = *step.Outcome.Reply
	}
	reply.Header = append(reply.Header, step.Outcome.Header...)
	return &run.Reply{Reply: reply, Payload: step.Outcome.Payload}, nil
}
