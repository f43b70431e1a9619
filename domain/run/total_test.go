package run_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
)

// dice reads choices from the bytes of a fuzzer; when they are used up, zeros.
type dice struct{ bytes []byte }

func (d *dice) roll(n int) int {
	if len(d.bytes) == 0 || n < 1 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

func of[T any](d *dice, all ...T) T { return all[d.roll(len(all))] }

// anyGraph is a graph of up to nine nodes with edges anywhere, cycles included.
func (d *dice) anyGraph(t testing.TB) *flow.Graph {
	t.Helper()
	doc := flow.Document{Nodes: []node.Definition{{ID: "n0", Type: "httpstart", Data: value(t, `{"path":"/a"}`)}}}
	for i := range 1 + d.roll(8) {
		data := value(t, of(d,
			`{"type":"js","script":"return 1;"}`, `{"type":"fork"}`, `{"type":"response","status":201}`, `{"type":"http","url":"http://x/{{payload.u}}"}`,
			`{"type":"starter","nflow_auth":true}`, `{"type":"template","template":"<b>","as":"t"}`, `{"type":"martian"}`, `{"type":"plugin","plugin":"p"}`,
		))
		kind, _ := data.Field("type")
		doc.Nodes = append(doc.Nodes, node.Definition{ID: fmt.Sprint("n", i+1), Type: kind.String(), Data: data})
	}
	for i := range doc.Nodes {
		for _, name := range []string{"error", "output_1", "output_2"} {
			o := node.Output{Name: name}
			for range d.roll(3) {
				o.Targets = append(o.Targets, node.Target{Node: fmt.Sprint("n", d.roll(len(doc.Nodes)+1))})
			}
			doc.Nodes[i].Outputs = append(doc.Nodes[i].Outputs, o)
		}
	}
	g, _, err := flow.Compile(doc, node.NewRegistry(node.Builtins()...), flow.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func (d *dice) payload() payload.Value {
	return payload.Trusted([]byte(of(d, `{}`, `{"u":"x"}`, `{"break":true}`, `"text"`, `[1,2]`, `null`, `{"long":"0123456789012345678901234567890123456789"}`)))
}

func (d *dice) event() run.Event {
	began := run.Began{Node: d.roll(12) - 1, Payload: d.payload(), MaxSteps: d.roll(40), MaxBytes: of(d, 0, 45, 1000)}
	failure := of(d, nil, fault.New(fault.Cancelled, "c"), fault.New(fault.LimitExceeded, "l"), fault.New(fault.Invalid, "i"))
	script := node.ScriptResult{Payload: d.payload(), Next: of(d, "", "output_1", "output_2", "break", "login", "n2", "error")}
	if d.roll(4) == 1 {
		script.Reply = &node.Reply{Status: 200, Header: []node.Header{{Name: "A", Value: "b"}}}
		script.Header = []node.Header{{Name: "C", Value: "d"}}
		script.Locals = d.payload()
	}
	token := d.roll(6)
	result := of[node.Result](d, script, script, script, nil, node.Done{}, node.HTTPResult{Status: 200}, node.HTTPResult{Status: 500}, node.RenderResult{Text: "x"}, node.QueryResult{})
	switch d.roll(12) {
	case 0:
		return began
	case 1:
		return run.Resumed{Began: began, Submitted: d.payload()}
	case 2:
		return run.Failed{Token: token, Fault: failure}
	case 3:
		if d.roll(4) == 0 {
			return run.Stopped{Fault: failure}
		}
		return nil
	}
	return run.Returned{Token: token, Result: result}
}

// FuzzAdvance proves that whatever happens to whatever graph, Advance neither
// panics nor runs on, changes no state it is given, gives the same for the same,
// answers at most once, and finishes at most once and last.
func FuzzAdvance(f *testing.F) {
	for i := range 40 {
		seed := make([]byte, 200)
		for j := range seed {
			seed[j] = byte((i*31 + j*j*7 + j) % 251)
		}
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4096 {
			return
		}
		d := &dice{b}
		g := d.anyGraph(t)
		var s run.State
		watch := watcher{t: t, open: map[int]int{}}
		events := []run.Event{run.Began{Node: d.roll(g.Len()), Payload: d.payload(), MaxSteps: 1 + d.roll(60), MaxBytes: of(d, 0, 45)}}
		for len(d.bytes) > 0 && len(events) < 300 {
			events = append(events, d.event())
		}
		for _, e := range events {
			before := fmt.Sprintf("%+v", s)
			next, effects := run.Advance(g, s, e)
			again, effectsAgain := run.Advance(g, s, e)
			if after := fmt.Sprintf("%+v", s); after != before {
				t.Fatalf("the given state changed from %s to %s", before, after)
			}
			if !reflect.DeepEqual(next, again) || !reflect.DeepEqual(effects, effectsAgain) {
				t.Fatalf("%+v gave %+v, then %+v", e, effects, effectsAgain)
			}
			watch.check(s, next, effects)
			s = next
		}
	})
}

type watcher struct {
	t        *testing.T
	replied  bool
	finished bool
	open     map[int]int // token -> node it waits at
}

func (w *watcher) check(before, s run.State, effects []run.Effect) {
	w.t.Helper()
	if w.finished && (len(effects) > 0 || !reflect.DeepEqual(before, s)) {
		w.t.Fatalf("a finished run goes on: %+v", effects)
	}
	for _, e := range effects {
		if w.finished {
			w.t.Fatalf("%T follows the end", e)
		}
		switch e := e.(type) {
		case run.Reply:
			if w.replied {
				w.t.Fatal("a second answer")
			}
			w.replied = true
		case run.Do:
			if e.Request == nil {
				w.t.Fatal("a Do without a request")
			}
			w.open[e.Token] = e.Node
		case run.Finish:
			w.finished = true
			if !w.replied || s.Live() != 0 || s.Status() != e.Status || e.Steps != s.Steps() {
				w.t.Fatalf("finished as %+v with %+v", e, s)
			}
			if (e.Fault == nil) != (e.Status == run.Succeeded || e.Status == run.Parked) {
				w.t.Fatalf("%v with %v", e.Status, e.Fault)
			}
			for _, other := range effects {
				if _, do := other.(run.Do); do {
					w.t.Fatal("something is to be done for a run that ends")
				}
			}
		}
	}
	running := s.Status() == run.Running
	if running != (s.Live() > 0) || s.Replied() != w.replied || w.finished == running && s.Status() != run.New {
		w.t.Fatalf("status %v with %d tokens, replied %v", s.Status(), s.Live(), s.Replied())
	}
}

// A run with one token costs a handful of allocations per node above what the
// node itself plans.
func TestAllocationsPerNode(t *testing.T) {
	g, s, e := chain(t)
	got := testing.AllocsPerRun(1000, func() { run.Advance(g, s, e) })
	if budget := 8.0; got > budget {
		t.Errorf("%.0f allocations per node, the budget is %.0f", got, budget)
	}
	t.Logf("%.0f allocations per node", got)
}

// chain is a run that waits at a script which leads to the next one.
func chain(t testing.TB) (*flow.Graph, run.State, run.Event) {
	t.Helper()
	g := graph(t, box{"start", startData, "output_1>a"}, js("a", "output_1>b"), js("b", "output_1>a"))
	s, _ := run.Advance(g, run.State{}, run.Began{Node: 0, Payload: value(t, `{"x":1}`), Vars: value(t, `{}`), MaxSteps: 1 << 40, MaxBytes: 1 << 20})
	if s.Live() != 1 {
		t.Fatal("the run does not wait")
	}
	return g, s, run.Returned{Token: 1, Result: node.ScriptResult{Payload: value(t, `{"x":2}`), Next: "output_1"}}
}

func BenchmarkAdvance(b *testing.B) {
	b.Run("script node", func(b *testing.B) {
		g, s, e := chain(b)
		b.ReportAllocs()
		for b.Loop() {
			s, _ = run.Advance(g, s, e)
		}
	})
	b.Run("run of five nodes", func(b *testing.B) {
		g := graph(b, box{"start", startData, "output_1>a"}, js("a", "output_1>b"), js("b", "output_1>c"), js("c", "output_1>end"), box{"end", reply201, ""})
		began := run.Began{Node: 0, Payload: value(b, `{"n":1}`), MaxSteps: 100}
		e := run.Returned{Token: 1, Result: node.ScriptResult{Payload: value(b, `{"n":2}`), Next: "output_1"}}
		b.ReportAllocs()
		for b.Loop() {
			s, _ := run.Advance(g, run.State{}, began)
			for s.Live() > 0 {
				s, _ = run.Advance(g, s, e)
			}
			if s.Status() != run.Succeeded || s.Steps() != 5 {
				b.Fatalf("got %+v", s)
			}
		}
	})
}
