package attack

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Grace is how long after its time a script may take to be gone.
const Grace = 500 * time.Millisecond

// Target is what is attacked.
type Target struct {
	Engine ports.ScriptEngine
	Limits policy.Limits
	Grace  time.Duration // see Grace; slower on machines that check for races
}

// Result is how one attack went.
type Result struct {
	Name     string        `json:"attack"`
	Ending   Ending        `json:"ending"`
	Limit    string        `json:"limit,omitempty"`   // configuration key of the limit that stopped it
	Line     int           `json:"line,omitempty"`    // where it was stopped
	Message  string        `json:"message,omitempty"` // of the fault
	Took     time.Duration `json:"took_ns"`
	Peak     int64         `json:"memory_bytes,omitempty"` // that the process which served it grew by; 0 = not known
	Expected bool          `json:"expected"`               // one of the script's Ends
	Through  string        `json:"through,omitempty"`      // why it got through; empty = it was held
}

// maxMessage bounds what is kept of a fault's message.
const maxMessage = 200

// run makes one attack and waits for its end, but not much longer than its
// limits promise, nor when over says that it took too much memory: a script that
// nothing stops is left behind, running.
func (t Target) run(ctx context.Context, s Script, over <-chan struct{}) Result {
	type end struct {
		result node.ScriptResult
		err    error
	}
	ended := make(chan end, 1)
	start := time.Now()
	go func() {
		result, err := t.Engine.Run(ctx, ports.ScriptCall{
			Name: "attack " + s.Name, Script: node.Script{Code: s.Code, Language: node.JavaScript},
			Payload: payload.Trusted([]byte(`{"n":1}`)), Locals: payload.EmptyObject(), Limits: t.Limits, Host: &host{},
		})
		ended <- end{result, err}
	}()
	late := time.NewTimer(t.Limits.ScriptTime + t.Grace)
	defer late.Stop()
	r := Result{Name: s.Name}
	select {
	case e := <-ended:
		r.Took = time.Since(start)
		r.judge(e.result, e.err)
	case <-late.C:
		r.Took, r.Ending = time.Since(start), Endless
		r.Through = fmt.Sprintf("still running after %s", r.Took.Round(time.Millisecond))
	case <-over:
		r.Took, r.Ending = time.Since(start), Endless
		r.Through = fmt.Sprintf("took more than %d MiB in %s; %s", t.allowance()>>20, r.Took.Round(time.Millisecond), t.memoryLimit())
	}
	r.Expected = slices.Contains(s.Ends, r.Ending)
	if (r.Ending == Broken || r.Ending == Cancelled) && !r.Expected {
		r.Through = "the engine failed: " + r.Message
	}
	return r
}

func (r *Result) judge(result node.ScriptResult, err error) {
	r.Ending = endingOf(err)
	if f := fault.As(err); f != nil {
		r.Limit, r.Line, r.Message = f.Limit, f.Line, f.Message
		if at := strings.Index(f.Message, "escaped: "); at >= 0 {
			r.escaped(f.Message[at:])
		}
	} else if v, ok := result.Payload.Lookup("escaped"); ok {
		r.escaped("escaped: " + v.String())
	}
	if len(r.Message) > maxMessage {
		r.Message = strings.ToValidUTF8(r.Message[:maxMessage], "") + "..."
	}
}

func (r *Result) escaped(what string) {
	r.Ending, r.Through = Escaped, what
}
