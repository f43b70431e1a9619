package run

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Status is how a run stands.
type Status int

// The statuses.
const (
	New Status = iota
	Running
	Succeeded
	Failure
	Cancelled
	Parked
)

// State is everything there is to know about a run. The zero State is a run
// that has not begun. It is a value: Advance never changes the one it is given.
type State struct {
	status   Status
	steps    int
	maxSteps int
	maxBytes int
	serial   int // last token number
	tokens   []token
	replied  bool
	parked   bool
	fault    *fault.Fault
	header   []node.Header
	vars     payload.Value
	locals   payload.Value
	url      string
}

// token is a place where the run is, with the payload it carries.
type token struct {
	id      int
	node    int
	prev    int
	payload payload.Value
	front   bool // its end answers the client
}

// Status returns how the run stands.
func (s State) Status() Status { return s.status }

// Steps is how many nodes were visited.
func (s State) Steps() int { return s.steps }

// Live is how many tokens are under way.
func (s State) Live() int { return len(s.tokens) }

// Replied reports whether the client has its answer.
func (s State) Replied() bool { return s.replied }
