package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// drawings reads {"flows": {name: {nodes}}}: a format of several flows.
type drawings struct{}

func (drawings) Matches(doc payload.Value) bool { _, ok := doc.Field("flows"); return ok }

func (drawings) Decode(doc payload.Value) (flow.Document, error) {
	d := flow.Document{Drawing: true}
	flows, _ := doc.Field("flows")
	js, _ := doc.Field("default_js")
	d.DefaultJS = js.String()
	for name, nodes := range flows.Fields() {
		for id, one := range nodes.Fields() {
			n, faults := flow.DecodeNode(name, id, one)
			if len(faults) > 0 {
				return d, faults
			}
			d.Nodes = append(d.Nodes, n)
		}
	}
	d.Sort()
	return d, nil
}

func withDrawings(d *app.Deps, _ *app.Config) { d.Formats = []ports.DocumentFormat{drawings{}} }

// form parks its run with a page; end answers with what it was given.
func (w *world) publishForms() {
	w.engine.on("form();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		p := call.Payload.With("break", payload.Trusted([]byte("true"))).With("kept", payload.Text("yes"))
		return node.ScriptResult{Payload: p, Reply: &node.Reply{Status: 200, Body: []byte("<form>")}}, nil
	})
	w.engine.on("end();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		endpoint, _ := call.Host.Global("nflow_endpoint")
		vars, _ := call.Host.Global("vars")
		return node.ScriptResult{Payload: call.Payload.With("at", payload.Text(endpoint.String()+" "+string(vars.Bytes())))}, nil
	})
	home := doc(start("s", "GET", "/ask/:id", "output_1>form"), js("form", "form();", "output_1>end"), js("end", "end();", ""), js("again", "form();", "output_1>end"))
	other := doc(start("s", "GET", "/other", "output_1>form"), js("form", "form();", "output_1>end"), js("secret", "end();", ""), js("end", "end();", ""))
	w.publish("forms", []byte(`{"flows":{"Home":`+string(home)+`,"Other":`+string(other)+`}}`))
	w.publish("alien", doc(start("s", "GET", "/alien", "output_1>vault"), js("vault", "end();", "")))
}

func TestResume(t *testing.T) {
	const done = `200 {"q":"1","id":"7","kept":"yes","name":"Ada","at":"/ask/7 {\"id\":\"7\"}"}`
	tests := []struct {
		name string
		in   *ports.Inbound
		want string
	}{
		{"form field", request("POST", "/ask/7", "nflow_next_node_run=end&name=Ada"), done},
		{"query", get("/ask/7?nflow_next_node_run=end&name=Ada"), done},
		{"path", request("POST", "/ask/7/nflow_next_node_run/end", "name=Ada"), done},
		{"tag and path", request("POST", "/ask/7/nftk/anything/nfnext/end", "name=Ada"), done},
		{"tag and field", request("POST", "/ask/7/nftk/anything", "nflow_next_node_run=end&name=Ada"), done},
		{"action of the designer", request("POST", "/nflow/node/run/Home/end", "name=Ada"), done},
		{"JSON", request("POST", "/ask/7?nflow_next_node_run=end", `{"name":"Ada","break":true}`), done},
		{"what is submitted wins", request("POST", "/ask/7", "nflow_next_node_run=end&kept=no"), `200 {"q":"1","id":"7","kept":"no","at":"/ask/7 {\"id\":\"7\"}"}`},
		{"node of another flow", request("POST", "/ask/7", "nflow_next_node_run=secret"), "forbidden"},
		{"node of another workflow", request("POST", "/alien", "nflow_next_node_run=vault"), "forbidden"},
		{"unknown node", request("POST", "/ask/7", "nflow_next_node_run=x"), "forbidden"},
		{"another flow in the path", request("POST", "/nflow/node/run/Other/end", ""), "forbidden"},
		{"broken body", request("POST", "/ask/7?nflow_next_node_run=end", `{"name"`), "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, withDrawings)
			w.publishForms()
			b := &browser{world: w}
			b.expect(get("/ask/7?q=1"), "200 <form>")
			b.expect(tt.in, tt.want)
			if strings.HasPrefix(tt.want, "200") {
				b.expect(tt.in, "conflict") // a form is answered once
				return
			}
			b.expect(request("POST", "/ask/7", "nflow_next_node_run=end&name=Ada"), done) // and waits until then
		})
	}
}

func TestResumeWithoutAForm(t *testing.T) {
	w := newWorld(t, withDrawings)
	w.publishForms()
	for _, id := range []string{"", "stolen"} {
		b := &browser{world: w, id: id}
		b.expect(request("POST", "/ask/7", "nflow_next_node_run=end"), "conflict")
		b.expect(get("/nflow/node/run/Home/end"), "conflict")
	}
	w.expect(get("/ask/7/nftk/tag"), "200 <form>") // a tag alone starts afresh
}

func TestFormsInARow(t *testing.T) {
	w := newWorld(t, withDrawings)
	w.publishForms()
	b := &browser{world: w}
	b.expect(get("/ask/7"), "200 <form>")
	b.expect(request("POST", "/ask/7", "nflow_next_node_run=again&a=1"), "200 <form>")
	b.expect(request("POST", "/ask/7", "nflow_next_node_run=end&b=2"), `200 {"id":"7","kept":"yes","a":"1","b":"2","at":"/ask/7 {\"id\":\"7\"}"}`)
	b.expect(request("POST", "/ask/7", "nflow_next_node_run=end&b=2"), "conflict")
	runs, err := w.Runs(t.Context(), ports.RunFilter{Limit: 10})
	if err != nil || len(runs) != 3 {
		t.Fatalf("got %+v, %v", runs, err)
	}
	if runs[2].Status != ports.RunParked || runs[2].Trigger != "GET /ask/:id" || runs[1].Status != ports.RunParked || runs[0].Status != ports.RunSucceeded || runs[0].Trigger != "form" {
		t.Errorf("got %+v", runs)
	}
}

func TestFormOfAWorkflowThatChanged(t *testing.T) {
	w := newWorld(t)
	park := func(b *browser) {
		w.publish("x", doc(start("s", "GET", "/x", "output_1>form"), js("form", "form();", "output_1>end"), js("end", "end();", "")))
		b.expect(get("/x"), "200 <form>")
	}
	w.publishFormScripts()
	tests := map[string]struct {
		change func()
		want   string
	}{
		"a node more": {func() {
			w.publish("x", doc(start("s", "GET", "/y", "output_1>form"), js("form", "form();", "output_1>end"), js("end", "end();", "output_1>r"), raw("r", `{"type":"response","body":"new"}`, "")))
		}, "200 new"},
		"the start node has another id, and auth": {func() {
			w.publish("x", withDefaultJS("function auth(){}", authStart("s2", "/x", "output_1>form"), js("form", "form();", "output_1>end"), js("end", "end();", "")))
		}, "conflict"},
		"its id names another node": {func() {
			w.publish("x", withDefaultJS("function auth(){}", authStart("s2", "/x", "output_1>s"), js("s", "form();", "output_1>end"), js("end", "end();", "")))
		}, "conflict"},
		"the workflow is gone": {func() {
			if err := w.Withdraw(t.Context(), "x", ports.AnyVersion); err != nil {
				t.Fatal(err)
			}
		}, "not_found"},
	}
	for name, tt := range tests {
		b := &browser{world: w}
		park(b)
		tt.change()
		if got := b.ask(request("POST", "/x", "nflow_next_node_run=end")); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func (w *world) publishFormScripts() {
	w.engine.on("form();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		return node.ScriptResult{Payload: call.Payload.With("break", payload.Text("true")), Reply: &node.Reply{Status: 200, Body: []byte("<form>")}}, nil
	})
}

// A form is no way around auth(): it is asked again.
func TestAuthOnResume(t *testing.T) {
	w := newWorld(t)
	w.publishFormScripts()
	verdict := "output_1"
	w.engine.on("auth", func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		vars, _ := call.Host.Global("vars")
		flag, _ := call.Host.Global("auth_flag")
		if string(vars.Bytes()) != `{"id":"7"}` || flag.String() != "true" {
			return node.ScriptResult{}, errors.New("auth() sees other variables: " + string(vars.Bytes()))
		}
		r := node.ScriptResult{Payload: call.Payload, Next: verdict}
		if verdict == "answer" {
			r.Reply = &node.Reply{Status: 401, Body: []byte("who?")}
			r.Header = []node.Header{{Name: "X-Auth", Value: "1"}}
		}
		if verdict == "fail" {
			return r, fault.New(fault.ScriptFailed, "boom")
		}
		return r, nil
	})
	w.publish("x", withDefaultJS("function auth(){}", authStart("s", "/x/:id", "output_1>form"), js("form", "form();", "output_1>end"), js("end", "end();", "")))
	b := &browser{world: w}
	b.expect(get("/x/7"), "200 <form>")
	for _, tt := range []struct{ verdict, want string }{
		{"login", "302 "}, {"break", "403 null"}, {"answer", "401 who?"}, {"fail", "script_failed"},
	} {
		verdict = tt.verdict
		b.expect(request("POST", "/x/7", "nflow_next_node_run=end"), tt.want)
		if n := w.engine.count("end();"); n != 0 {
			t.Fatalf("%s: the run went on", tt.verdict)
		}
	}
	verdict = "output_1"
	b.expect(request("POST", "/x/7", "nflow_next_node_run=end"), `200 {"id":"7"}`)
}

// Nor is the form of a public start node a way around the auth() of another.
func TestFormBehindTheAuthOfAnother(t *testing.T) {
	w := newWorld(t)
	w.publishFormScripts()
	w.engine.on("auth", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		return node.ScriptResult{Payload: call.Payload, Next: "login"}, nil
	})
	w.publish("x", withDefaultJS("function auth(){}",
		start("s", "GET", "/open", "output_1>form"), js("form", "form();", "output_1>end"), js("end", "end();", ""),
		authStart("guarded", "/closed", "output_1>vault"), js("vault", "vault();", "output_1>end"), js("loose", "loose();", "")))
	b := &browser{world: w}
	for _, tt := range []struct{ node, want string }{
		{"vault", "forbidden"}, {"guarded", "302 "}, {"loose", "200 {}"}, {"end", "200 {}"},
	} {
		b.expect(get("/open"), "200 <form>")
		b.expect(request("POST", "/open", "nflow_next_node_run="+tt.node), tt.want)
	}
	if n := w.engine.count("vault();"); n != 0 {
		t.Error("the guarded node ran")
	}
}

// A page whose form could not be kept must not be shown.
func TestParkWithTheStoreAway(t *testing.T) {
	store := &stubbornSessions{}
	w := newWorld(t, func(d *app.Deps, _ *app.Config) { store.SessionStore = d.Sessions; d.Sessions = store })
	w.publishFormScripts()
	w.publish("x", doc(start("s", "GET", "/x", "output_1>form"), js("form", "form();", "output_1>end"), js("end", "end();", "")))
	store.err = fault.New(fault.Unavailable, "the database is away")
	w.expect(get("/x"), "unavailable")
}
