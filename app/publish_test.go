package app_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func hello(path, text string) []byte {
	return doc(start("s", "GET", path, "output_1>r"), raw("r", fmt.Sprintf(`{"type":"response","body":%q}`, text), ""))
}

func TestPublishServesAtOnce(t *testing.T) {
	w := newWorld(t)
	w.expect(get("/a"), "not_found")
	info := w.publish("one", []byte(`{"id":"other","name":"One","nodes":`+string(hello("/a/:x", "1"))+`}`))
	if info.ID != "one" || info.Name != "One" || info.Version != 1 || info.Nodes != 2 || fmt.Sprint(info.Routes) != "[GET /a/:x]" || info.Problem != "" {
		t.Errorf("got %+v", info)
	}
	w.expect(get("/a/7"), "200 1")
	if info = w.publish("one", hello("/b", "2")); info.Version != 2 {
		t.Errorf("got %+v", info)
	}
	w.expect(get("/a/7"), "not_found")
	w.expect(get("/b"), "200 2")
	stored, err := w.Document(t.Context(), "one", 1)
	if err != nil || !strings.Contains(string(stored.Document), `"name":"One"`) || stored.Author != "tester" {
		t.Errorf("got %+v, %v", stored, err)
	}
	if list := w.Workflows("", 10); len(list) != 1 || list[0].Version != 2 {
		t.Errorf("got %+v", list)
	}
}

func TestPublishRefuses(t *testing.T) {
	w := newWorld(t)
	w.publish("taken", hello("/taken/:x", "1"))
	if err := w.store.PutModule(t.Context(), ports.Module{Name: "broken", Code: "SYNTAX"}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.PutTemplate(t.Context(), ports.Template{Name: "bad", Content: "BROKEN"}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, id string
		document []byte
		code     fault.Code
		want     []string
	}{
		{"not JSON", "x", []byte("{\n nope"), fault.Malformed, []string{"workflow x line 2:2: not valid JSON"}},
		{"too large", "x", []byte(strings.Repeat(" ", flow.MaxBytes+1)), fault.TooLarge, []string{"8388609 bytes"}},
		{"no id", "", hello("/a", ""), fault.Invalid, []string{"1 to 200 bytes"}},
		{"long id", strings.Repeat("x", 201), hello("/a", ""), fault.Invalid, []string{"1 to 200 bytes"}},
		{"no start", "x", doc(js("a", "f();", "")), fault.Invalid, []string{"no start node"}},
		{"reserved path", "x", hello("/api/admin/x", ""), fault.Conflict, []string{"reserved"}},
		{"route of another workflow", "x", hello("/taken/{y}", ""), fault.Conflict, []string{`already served by workflow "taken"`}},
		{"route of another workflow, earlier in the alphabet", "a", hello("/taken/{y}", ""), fault.Conflict, []string{`workflow a, node s: the route GET /taken/{y} is already served by workflow "taken", node s`}},
		{
			"every fault at once", "x", doc(start("s", "GET", "/x", "output_1>a output_1>b output_1>c output_1>d output_1>e output_1>f output_1>g"),
				js("a", "let SYNTAX;", ""), js("b", "gone", ""), js("c", "broken", ""), raw("d", `{"type":"db","database":"nope","query":"SELECT 1"}`, ""),
				raw("e", `{"type":"template","template":"missing"}`, ""), raw("f", `{"type":"template","template":"<BROKEN>"}`, ""), raw("g", `{"type":"template","template":"bad"}`, "")),
			fault.Invalid, []string{
				"workflow x, node a, data.script line 1:5: unexpected token", `node b, data.script: there is no module "gone"`, "node c, data.script line 1:1: module broken: unexpected token",
				`node d, data.database: there is no database "nope"; configured are shop, stock`, `node e, data.template: there is no template "missing"`,
				"node f, data.template line 2:0: unclosed action", "node g, data.template line 2:0: unclosed action",
			},
		},
		{"auth without default_js", "x", doc(authStart("s", "/x", "output_1>a"), js("a", "f();", "")), fault.Invalid, []string{"node s, default_js: the start node asks for auth"}},
		{"default_js that does not parse", "x", withDefaultJS("SYNTAX", authStart("s", "/x", "output_1>a"), js("a", "f();", "")), fault.Invalid, []string{"node s, default_js line 1:1: unexpected token"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := fmt.Sprint(w.Workflows("", 100))
			_, err := w.Publish(t.Context(), tt.id, tt.document, ports.AnyVersion, "")
			if fault.CodeOf(err) != tt.code {
				t.Fatalf("got %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got\n%v\nwant %q", err, want)
				}
			}
			if list := (fault.List{}); len(tt.want) > 1 && tt.code == fault.Invalid && (!errors.As(err, &list) || len(list) != len(tt.want)) {
				t.Errorf("%d faults, want %d:\n%v", len(list), len(tt.want), err)
			}
			if after := fmt.Sprint(w.Workflows("", 100)); after != before {
				t.Errorf("something was published: %s", after)
			}
			if _, err := w.store.Workflow(t.Context(), tt.id, 0); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("something was stored: %v", err)
			}
		})
	}
}

func TestValidatePublishesNothing(t *testing.T) {
	w := newWorld(t)
	r := w.Validate(t.Context(), doc(start("s", "GET", "/x", "output_1>a output_1>p"), js("a", "gone", ""), js("lost", "let SYNTAX;", ""), raw("p", `{"type":"plugin","plugin":"ai"}`, "")))
	if len(r.Faults) != 1 || !strings.Contains(r.Faults[0].Error(), `no module "gone"`) {
		t.Errorf("faults %v", r.Faults)
	}
	if got := r.Warnings.Error(); len(r.Warnings) != 3 || !strings.Contains(got, "no start node leads here") || !strings.Contains(got, "unexpected token") || !strings.Contains(got, `"ai" is not installed`) {
		t.Errorf("warnings %v", r.Warnings)
	}
	if r := w.Validate(t.Context(), []byte(`[`)); len(r.Faults) != 1 || r.Faults[0].Code != fault.Malformed {
		t.Errorf("faults %v", r.Faults)
	}
	if r := w.Validate(t.Context(), hello("/a", "")); len(r.Faults)+len(r.Warnings) != 0 {
		t.Errorf("got %+v", r)
	}
	if len(w.Workflows("", 10)) != 0 {
		t.Error("something was published")
	}
}

func TestVersions(t *testing.T) {
	w := newWorld(t)
	publish := func(text string, expected int) error {
		_, err := w.Publish(t.Context(), "one", hello("/a", text), expected, "")
		return err
	}
	if err := publish("v1", 0); err != nil {
		t.Fatal(err)
	}
	if err := publish("lost", 0); fault.CodeOf(err) != fault.PreconditionFailed {
		t.Errorf("got %v", err)
	}
	w.expect(get("/a"), "200 v1")
	if err := publish("v2", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Activate(t.Context(), "one", 1, 1); fault.CodeOf(err) != fault.PreconditionFailed {
		t.Errorf("got %v", err)
	}
	w.expect(get("/a"), "200 v2")
	info, err := w.Activate(t.Context(), "one", 1, 2)
	if err != nil || info.Version != 1 {
		t.Errorf("got %+v, %v", info, err)
	}
	w.expect(get("/a"), "200 v1")
	if _, err := w.Activate(t.Context(), "one", 7, ports.AnyVersion); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
	versions, err := w.Versions(t.Context(), "one")
	if err != nil || len(versions) != 2 || versions[0].Version != 2 || versions[0].Active || !versions[1].Active {
		t.Errorf("got %+v, %v", versions, err)
	}
	if _, err := w.Versions(t.Context(), "two"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
	if err := w.Withdraw(t.Context(), "one", 2); fault.CodeOf(err) != fault.PreconditionFailed {
		t.Errorf("got %v", err)
	}
	if err := w.Withdraw(t.Context(), "one", 1); err != nil {
		t.Fatal(err)
	}
	w.expect(get("/a"), "not_found")
	if err := w.Withdraw(t.Context(), "one", ports.AnyVersion); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
	w.publish("two", hello("/a", "two took it"))
	if _, err := w.Activate(t.Context(), "one", 2, ports.AnyVersion); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("the route is taken, got %v", err)
	}
	w.expect(get("/a"), "200 two took it")
}

// What the store does not acknowledge is not served.
func TestPublishWithTheStoreAway(t *testing.T) {
	away := &awayWriter{}
	w := newWorld(t, func(d *app.Deps, _ *app.Config) { away.WorkflowWriter = d.Publishing; d.Publishing = away })
	w.publish("one", hello("/a", "v1"))
	away.down = true
	for _, err := range []error{
		second(w.Publish(t.Context(), "one", hello("/a", "v2"), ports.AnyVersion, "")),
		second(w.Publish(t.Context(), "two", hello("/b", "v1"), ports.AnyVersion, "")),
		second(w.Activate(t.Context(), "one", 1, ports.AnyVersion)),
		w.Withdraw(t.Context(), "one", ports.AnyVersion),
	} {
		if fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("got %v", err)
		}
	}
	w.expect(get("/a"), "200 v1")
	w.expect(get("/b"), "not_found")
}

func second(_ ports.WorkflowInfo, err error) error { return err }

type awayWriter struct {
	ports.WorkflowWriter
	down bool
}

func (a *awayWriter) err() error {
	if a.down {
		return fault.New(fault.Unavailable, "the database is away")
	}
	return nil
}

func (a *awayWriter) Put(ctx context.Context, w ports.Workflow, expected int) (int, error) {
	if err := a.err(); err != nil {
		return 0, err
	}
	return a.WorkflowWriter.Put(ctx, w, expected)
}

func (a *awayWriter) Activate(ctx context.Context, id string, version, expected int) error {
	if err := a.err(); err != nil {
		return err
	}
	return a.WorkflowWriter.Activate(ctx, id, version, expected)
}

func (a *awayWriter) Delete(ctx context.Context, id string, expected int) error {
	if err := a.err(); err != nil {
		return err
	}
	return a.WorkflowWriter.Delete(ctx, id, expected)
}

func TestReload(t *testing.T) {
	rows := memory.Designer{Workflows: []ports.Workflow{
		{ID: "bad", Document: []byte(`{"a":`)},
		{ID: "empty", Document: []byte(`{}`)},
		{ID: "fine", Document: hello("/fine", "1")},
		{ID: "loose", Document: doc(start("s", "GET", "/loose", "output_1>a"), raw("a", `{"type":"martian"}`, "output_1>gone"), start("s2", "GET", "/fine", "output_1>a"), start("s3", "GET", "/good", "output_1>r"), raw("r", `{"type":"response","body":"good"}`, ""))},
	}}
	w := newStopped(t, rows)
	w.expect(get("/fine"), "not_found")
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.expect(get("/fine"), "200 1")
	w.expect(get("/good"), "200 good")
	w.expect(get("/loose"), "node_failed")
	list := w.Workflows("", 10)
	if len(list) != 4 {
		t.Fatalf("got %+v", list)
	}
	for _, info := range list[:2] {
		if info.Problem == "" || info.Routes == nil {
			t.Errorf("got %+v", info)
		}
	}
	if list[2].Problem != "" || list[3].Problem != "" || !strings.Contains(fmt.Sprint(list[3].Warnings), `unknown type "martian"`) {
		t.Errorf("got %+v", list)
	}
	if !strings.Contains(w.logs.String(), "workflow cannot be served") || !strings.Contains(w.logs.String(), "route is served by another workflow") {
		t.Errorf("log: %s", w.logs)
	}
	if page := w.Workflows("empty", 1); len(page) != 1 || page[0].ID != "fine" {
		t.Errorf("got %+v", page)
	}
	if page := w.Workflows("zzz", 5); len(page) != 0 {
		t.Errorf("got %+v", page)
	}

	// Rows may share a route, as copies of an application do: the first by name
	// has it, may be published anew, and the other may not take it.
	w.publish("fine", hello("/fine", "2"))
	w.expect(get("/fine"), "200 2")
	if _, err := w.Publish(t.Context(), "loose", hello("/fine", "3"), ports.AnyVersion, ""); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("got %v", err)
	}
	if err := w.Withdraw(t.Context(), "fine", ports.AnyVersion); err != nil {
		t.Fatal(err)
	}
	w.expect(get("/fine"), "node_failed") // loose has it now
}

func TestStartWithTheStoreAway(t *testing.T) {
	w := newStopped(t, memory.Designer{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Start(ctx); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
	if w.Ready() {
		t.Error("ready without workflows")
	}
}

// Of publishers that race for one version or one route exactly one wins.
func TestRacingPublishers(t *testing.T) {
	w := newWorld(t)
	race := func(n int, publish func(i int) error) (won int, codes map[fault.Code]int) {
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			wg.Go(func() { errs[i] = publish(i) })
		}
		wg.Wait()
		codes = map[fault.Code]int{}
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			codes[fault.CodeOf(err)]++
		}
		return won, codes
	}
	won, codes := race(8, func(i int) error {
		return second(w.Publish(t.Context(), "same", hello("/same", fmt.Sprint(i)), 0, ""))
	})
	if won != 1 || codes[fault.PreconditionFailed] != 7 {
		t.Errorf("%d won, %v", won, codes)
	}
	won, codes = race(8, func(i int) error {
		return second(w.Publish(t.Context(), fmt.Sprint("id", i), hello("/route/:x", ""), ports.AnyVersion, ""))
	})
	if won != 1 || codes[fault.Conflict] != 7 {
		t.Errorf("%d won, %v", won, codes)
	}
	if n := len(w.Workflows("", 100)); n != 2 {
		t.Errorf("%d workflows", n)
	}
}

// While versions replace each other under load, every answer comes whole from
// one of them and no request is lost.
func TestSwapUnderLoad(t *testing.T) {
	w := newWorld(t)
	add := func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		seen, _ := call.Payload.Field("seen")
		return node.ScriptResult{Payload: call.Payload.With("seen", payload.Text(seen.String()+call.Script.Code))}, nil
	}
	version := func(n int) []byte {
		code := fmt.Sprintf("v%d();", n)
		w.engine.on(code, add)
		return doc(start("s", "GET", "/swap", "output_1>a"), js("a", code, "output_1>b"), js("b", code, "output_1>c"), js("c", code, ""))
	}
	w.publish("swap", version(0))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				out, err := w.Serve(t.Context(), get("/swap"))
				if err != nil {
					t.Errorf("a request was lost: %v", err)
					return
				}
				var body struct{ Seen string }
				v, _ := payload.Parse(out.Reply.Body)
				if err := v.Decode(&body); err != nil || body.Seen != strings.Repeat(body.Seen[:len(body.Seen)/3], 3) {
					t.Errorf("half of each version: %s", out.Reply.Body)
					return
				}
			}
		})
	}
	for n := 1; n <= 60; n++ {
		w.publish("swap", version(n))
	}
	close(stop)
	wg.Wait()
	w.expect(get("/swap"), `200 {"seen":"v60();v60();v60();"}`)
}

func BenchmarkPublishBeside10000(b *testing.B) {
	rows := memory.Designer{}
	for i := range 10_000 {
		rows.Workflows = append(rows.Workflows, ports.Workflow{ID: fmt.Sprintf("wf%05d", i), Document: hello(fmt.Sprintf("/wf/%d/:x", i), "1")})
	}
	w := newStopped(b, rows, func(_ *app.Deps, c *app.Config) { c.Retention.RunsKeep = 0 })
	if err := w.Reload(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w.publish("one", hello("/one", "1"))
	}
}
