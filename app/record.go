package app

import (
	"log/slog"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// maxNodeRecords bounds the visits one record keeps; Steps counts them all.
const maxNodeRecords = 1_000

// record collects what a run does.
type record struct {
	ports.RunRecord

	tokens []tokenTime
}

// tokenTime is the time a token spent at its node so far.
type tokenTime struct {
	token int
	took  time.Duration
}

func newRecord(id string, p *published, trigger string, now time.Time) *record {
	return &record{RunRecord: ports.RunRecord{
		ID: id, Workflow: p.ID, Version: p.Version, Trigger: trigger, Started: now,
	}}
}

func (r *record) spent(token int, took time.Duration) {
	for i := range r.tokens {
		if r.tokens[i].token == token {
			r.tokens[i].took += took
			return
		}
	}
	r.tokens = append(r.tokens, tokenTime{token, took})
}

// take returns and forgets the time a token spent.
func (r *record) take(token int) time.Duration {
	for i := range r.tokens {
		if r.tokens[i].token == token {
			took := r.tokens[i].took
			r.tokens[i] = r.tokens[len(r.tokens)-1]
			r.tokens = r.tokens[:len(r.tokens)-1]
			return took
		}
	}
	return 0
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// visited notes the end of a node.
func (x *execution) visited(e run.Visited) {
	n := x.published.graph.Node(e.Node)
	took := x.record.take(e.Token)
	var code fault.Code
	visit := ports.NodeRecord{
		Flow: n.Flow, Node: n.ID, Label: n.Label, Type: n.Type, Output: e.Output,
		Duration: millis(took),
		Offset:   max(0, millis(x.Clock.Now().Sub(x.record.Started)-took)),
	}
	if e.Fault != nil {
		code, visit.Error = e.Fault.Code, e.Fault.Message
	}
	if len(x.record.Nodes) < maxNodeRecords {
		x.record.Nodes = append(x.record.Nodes, visit)
	}
	if e.ReplyIgnored {
		x.logger().Warn("a second response is ignored", "node", n.ID)
	}
	x.Observer.NodeDone(n.Type, code, took)
	x.visits++
	x.track(e, took)
	if x.published.hasLog && x.ctx.Err() == nil {
		x.callLog(e, visit.Duration)
	}
}

// finished closes the record of the run.
func (x *execution) finished(e run.Finish) {
	if e.Status != run.Parked {
		x.clearForm()
	}
	took := x.Clock.Now().Sub(x.record.Started)
	x.record.Status = statusName(e.Status)
	x.record.Steps = e.Steps
	x.record.Duration = millis(took)
	if e.Fault != nil {
		x.record.ErrorCode = string(e.Fault.Code)
		x.record.Error = e.Fault.Message
		x.record.ErrorNode = e.Fault.Node
		x.logger().Warn("workflow failed", "code", e.Fault.Code, "error", e.Fault, "duration_ms", x.record.Duration)
	} else if x.Log.Enabled(x.ctx, slog.LevelDebug) {
		x.logger().Debug("workflow done", "status", x.record.Status, "duration_ms", x.record.Duration)
	}
	x.Observer.RunDone(x.published.ID, x.record.Status, took)
	x.recorder.add(x.record.RunRecord)
}

func statusName(s run.Status) ports.RunStatus {
	switch s {
	case run.Cancelled:
		return ports.RunCancelled
	case run.Parked:
		return ports.RunParked
	case run.Failure:
		return ports.RunFailed
	case run.New, run.Running, run.Succeeded:
	}
	return ports.RunSucceeded
}
