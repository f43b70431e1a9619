package node

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Input is what a node sees when a token reaches it.
type Input struct {
	Payload payload.Value
	Vars    payload.Value // path variables, an object
	Locals  payload.Value // values kept by c.Set, an object
	URL     string        // escaped path of the request; empty without one
}

// Scope is what the node's {{...}} expressions see.
func (in Input) Scope() payload.Scope {
	return payload.Scope{Payload: in.Payload, Vars: in.Vars}
}

// Executor is a compiled node. Both methods are pure: the same input always
// gives the same step. An executor holds no state of a run.
type Executor interface {
	// Plan decides what to do when a token arrives.
	Plan(Input) (Step, error)
	// Settle decides what the result of the last request means; it may ask for
	// one more thing.
	Settle(Input, Result) (Step, error)
}

// Step is either a request to be carried out or, when Request is nil, the
// outcome of the node.
type Step struct {
	Request Request
	Outcome Outcome
}

// Outcome is how a node ends.
type Outcome struct {
	Payload payload.Value
	// Next names the output to follow; empty = the node's default output. An
	// output without targets, or one that does not exist, ends the token there.
	Next string
	Jump bool // Next may also be the id of a node in the same flow
	All  bool // follow every output; the first, by name, continues the response
	Stop bool // follow nothing
	// Emitted, when not empty, stands for Payload and Next: each goes its way, the
	// first continues the response.
	Emitted []Emission
	Park    bool // wait after this node until somebody resumes the run
	Reply   *Reply
	Header  []Header
	Locals  payload.Value // zero = unchanged
}

// ask is the step that carries out a request.
func ask(r Request) (Step, error) { return Step{Request: r}, nil }

// finish is the step that ends the node.
func finish(o Outcome) (Step, error) { return Step{Outcome: o}, nil }

// unexpected is the fault of a result that does not answer the request.
func unexpected(r Result) (Step, error) {
	return Step{}, fault.New(fault.Internal, "unexpected result %T", r)
}
