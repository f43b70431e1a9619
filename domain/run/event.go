package run

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Event is something that happened.
type Event interface{ event() }

// Began starts a run at a node.
type Began struct {
	Node     int
	Payload  payload.Value
	Vars     payload.Value // path variables, an object
	URL      string        // escaped path of the request; may be empty
	MaxSteps int           // nodes the run may visit
	MaxBytes int           // size of what a node hands on; 0 = no limit
}

// Resumed goes on with a parked run: the parked payload, without the mark that
// parked it, plus what was submitted.
type Resumed struct {
	Began

	Submitted payload.Value
}

// Returned brings the result of a Do.
type Returned struct {
	Token  int
	Result node.Result
}

// Failed brings the failure of a Do.
type Failed struct {
	Token int
	Fault *fault.Fault
}

// Stopped ends the run from outside: its time is over, its client left or an
// operator cancelled it.
type Stopped struct{ Fault *fault.Fault }

func (Began) event()    {}
func (Resumed) event()  {}
func (Returned) event() {}
func (Failed) event()   {}
func (Stopped) event()  {}
