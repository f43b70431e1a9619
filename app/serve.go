package app

import (
	"context"
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Serve routes a request to its workflow and waits for the answer.
func (r *Runtime) Serve(ctx context.Context, in *ports.Inbound) (ports.Outbound, error) {
	s := r.catalog.Load()
	going := flow.ReadContinuation(in.Path)
	if id := nextNode(in, going); id != "" {
		allowance, err := r.admitResumed(ctx, in)
		if err != nil {
			return ports.Outbound{Allowance: allowance}, err
		}
		out, err := r.resume(ctx, s, in, going, id)
		out.Allowance = allowance
		return out, err
	}
	match, err := s.index.Lookup(in.Method, going.Path)
	if err != nil {
		return ports.Outbound{}, err
	}
	for i, name := range match.Names {
		in.PathVars = append(in.PathVars, ports.PathVar{Name: name, Value: match.Values[i]})
	}
	p := s.byID[match.Route.Workflow]
	allowance, err := r.admitStart(ctx, p, match.Route.Node, in)
	if err != nil {
		return ports.Outbound{Allowance: allowance}, err
	}
	vars := pathVars(match)
	first, err := firstPayload(in, vars)
	if err != nil {
		return ports.Outbound{Allowance: allowance}, err
	}
	x := r.newExecution(p, in, match.Route.String())
	x.startNode = match.Route.Node
	x.endpoint, x.vars = going.Path, vars
	out, err := x.serve(ctx, x.began(match.Route.Node, first))
	out.Allowance = allowance
	return out, err
}

// requestURL is a path as it may safely stand in a Location or a script: escaped,
// and never the beginning of another host.
func requestURL(path string) string {
	clean := url.URL{Path: "/" + strings.TrimLeft(path, "/")}
	return clean.EscapedPath()
}

// Execute runs a workflow by id.
func (r *Runtime) Execute(ctx context.Context, id, start string, input payload.Value, in *ports.Inbound) (ports.Execution, error) {
	p := r.catalog.Load().byID[id]
	if p == nil || p.graph == nil {
		return ports.Execution{}, fault.New(fault.NotFound, "there is no workflow %q", id)
	}
	first, err := p.graph.StartNode(start)
	if err != nil {
		return ports.Execution{}, fault.As(err).InWorkflow(id)
	}
	allowance, err := r.admitStart(ctx, p, first, in)
	if err != nil {
		return ports.Execution{Allowance: allowance}, err
	}
	if input.Kind() == payload.Null {
		input = payload.EmptyObject()
	}
	x := r.newExecution(p, in, "api")
	x.startNode = first
	x.trusted = true
	began := r.Clock.Now()
	reply, err := x.begin(ctx, x.began(first, input))
	e := ports.Execution{RunID: x.id, Millis: r.Clock.Now().Sub(began).Milliseconds(), Allowance: allowance}
	if err != nil {
		return e, err
	}
	e.Output = outputOf(reply)
	return e, nil
}

// outputOf is what a run gives back through the API: the JSON it responded with,
// or else its payload.
func outputOf(reply *run.Reply) payload.Value {
	for _, h := range reply.Reply.Header {
		if strings.EqualFold(h.Name, "Content-Type") && strings.Contains(h.Value, "json") {
			if v, err := payload.Parse(reply.Reply.Body); err == nil {
				return v
			}
		}
	}
	return reply.Payload
}
