package run

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Effect is something to be done or noted.
type Effect interface{ effect() }

// Do carries out a request for a token; Returned or Failed answers it. The
// requests of different tokens may be carried out at the same time.
type Do struct {
	Token   int
	Node    int
	Prev    int // the node before; -1 = none
	Request node.Request
}

// Visited notes that a node ended.
type Visited struct {
	Token  int
	Node   int
	Next   int    // the node it went on to first; -1 = none
	Output string // the output taken; empty when the token ended
	// Payload is what the node handed on.
	Payload payload.Value
	Fault   *fault.Fault
	// ReplyIgnored is set when the node responded although the response was
	// given already, or from a branch beside it.
	ReplyIgnored bool
}

// Reply answers whoever waits for the run: with Reply, or with Fault when the
// run failed first. It comes at most once and may come before Finish.
type Reply struct {
	Reply   node.Reply
	Payload payload.Value // the payload at that moment
	Fault   *fault.Fault
}

// Park keeps a payload until somebody resumes the run.
type Park struct {
	Node    int // where it stopped
	Payload payload.Value
}

// Finish ends the run; nothing follows it.
type Finish struct {
	Status Status
	Fault  *fault.Fault // the first failure
	Steps  int
}

func (Do) effect()      {}
func (Visited) effect() {}
func (Reply) effect()   {}
func (Park) effect()    {}
func (Finish) effect()  {}
