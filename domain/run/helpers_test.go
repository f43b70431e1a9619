package run_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
)

func value(t testing.TB, text string) payload.Value {
	t.Helper()
	v, err := payload.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// box is a node of a drawing: its id, its data, and its edges as
// "output>node output>node".
type box struct{ id, data, edges string }

// js is a script node that only names itself.
func js(id, edges string) box { return box{id, `{"type":"js","script":"return '` + id + `';"}`, edges} }

func graph(t testing.TB, boxes ...box) *flow.Graph {
	t.Helper()
	var doc flow.Document
	for _, b := range boxes {
		d := node.Definition{ID: b.id, Data: value(t, b.data)}
		kind, _ := d.Data.Field("type")
		d.Type = kind.String()
		for _, edge := range strings.Fields(b.edges) {
			name, to, _ := strings.Cut(edge, ">")
			if o := d.Output(name); o != nil {
				o.Targets = append(o.Targets, node.Target{Node: to})
				continue
			}
			d.Outputs = append(d.Outputs, node.Output{Name: name, Targets: []node.Target{{Node: to}}})
		}
		doc.Nodes = append(doc.Nodes, d)
	}
	g, _, err := flow.Compile(doc, node.NewRegistry(node.Builtins()...), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// transcript writes down what a run does, event by event.
type transcript struct {
	t     *testing.T
	g     *flow.Graph
	state run.State
	text  strings.Builder
}

func (tr *transcript) at(id string) int {
	i, ok := tr.g.Find(flow.Key{ID: id})
	if !ok {
		tr.t.Fatalf("no node %q", id)
	}
	return i
}

func (tr *transcript) feed(name string, e run.Event) {
	var effects []run.Effect
	fmt.Fprintf(&tr.text, "> %s\n", name)
	tr.state, effects = run.Advance(tr.g, tr.state, e)
	for _, one := range effects {
		fmt.Fprintf(&tr.text, "    %s\n", tr.effect(one))
	}
	s := tr.state
	fmt.Fprintf(&tr.text, "  = %s, %d steps, %d live, replied %v\n", statusName(s.Status()), s.Steps(), s.Live(), s.Replied())
}

func (tr *transcript) began(id, in string) {
	tr.feed("began at "+id+" with "+in, run.Began{
		Node: tr.at(id), Payload: value(tr.t, in), Vars: value(tr.t, `{"id":"42"}`), URL: "/shop/42", MaxSteps: 8, MaxBytes: 200,
	})
}

func (tr *transcript) returned(token int, next, out string) {
	tr.script(token, node.ScriptResult{Next: next, Payload: value(tr.t, out)})
}

func (tr *transcript) script(token int, r node.ScriptResult) {
	extra := ""
	if r.Reply != nil {
		extra = fmt.Sprintf(" and reply %d %s", r.Reply.Status, r.Reply.Body)
	}
	tr.feed(fmt.Sprintf("token %d returned %s next %q%s", token, r.Payload.Bytes(), r.Next, extra), run.Returned{Token: token, Result: r})
}

func (tr *transcript) emitted(token int, all ...node.Emission) {
	if all == nil {
		all = []node.Emission{}
	}
	tr.feed(fmt.Sprintf("emitted %d %d times", token, len(all)), run.Returned{Token: token, Result: node.PluginResult{Emitted: all}})
}

func (tr *transcript) failed(token int, f *fault.Fault) {
	tr.feed(fmt.Sprintf("token %d failed: %s %s", token, f.Code, f), run.Failed{Token: token, Fault: f})
}

func (tr *transcript) effect(e run.Effect) string {
	name := func(i int) string {
		if i < 0 {
			return "nothing"
		}
		return tr.g.Node(i).ID
	}
	switch e := e.(type) {
	case run.Do:
		return fmt.Sprintf("do      token %d at %s, after %s: %s", e.Token, name(e.Node), name(e.Prev), request(e.Request))
	case run.Visited:
		return fmt.Sprintf("visited token %d at %s, output %q%s%s", e.Token, name(e.Node), e.Output, faultText(e.Fault), map[bool]string{true: ", reply ignored"}[e.ReplyIgnored])
	case run.Reply:
		if e.Fault != nil {
			return "reply   " + faultText(e.Fault)[2:]
		}
		return fmt.Sprintf("reply   %d %v %s; payload %s", e.Reply.Status, e.Reply.Header, e.Reply.Body, e.Payload.Bytes())
	case run.Park:
		return fmt.Sprintf("park    at %s with %s", name(e.Node), e.Payload.Bytes())
	case run.Finish:
		return fmt.Sprintf("finish  %s after %d steps%s", statusName(e.Status), e.Steps, faultText(e.Fault))
	}
	tr.t.Fatalf("unknown effect %T", e)
	return ""
}

func request(r node.Request) string {
	switch r := r.(type) {
	case node.ScriptRequest:
		return fmt.Sprintf("script %s%s%s of %s, locals %s", r.Script.Code, r.Script.Module, r.Script.Entry, r.Payload.Bytes(), r.Locals.Bytes())
	case node.HTTPRequest:
		return r.Method + " " + r.URL
	case node.SessionRequest:
		return fmt.Sprintf("session %s.%s = %s", r.Session, r.Key, r.Value.Bytes())
	}
	return fmt.Sprintf("%T", r)
}

func faultText(f *fault.Fault) string {
	if f == nil {
		return ""
	}
	limit := ""
	if f.Limit != "" {
		limit = " (" + f.Limit + ")"
	}
	return fmt.Sprintf(", %s %s%s", f.Code, f, limit)
}

func statusName(s run.Status) string {
	return map[run.Status]string{
		run.New: "new", run.Running: "running", run.Succeeded: "succeeded", run.Failure: "failed", run.Cancelled: "cancelled", run.Parked: "parked",
	}[s]
}
