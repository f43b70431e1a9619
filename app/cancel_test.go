package app_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// gate is a script that waits until it is opened or its run ends.
type gate struct {
	entered chan string // ids of runs
	open    chan struct{}
}

func (w *world) gate(code string) *gate {
	g := &gate{entered: make(chan string, 100), open: make(chan struct{})}
	w.engine.on(code, func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		wid, _ := call.Host.Global("wid")
		g.entered <- wid.String()
		select {
		case <-g.open:
			return node.ScriptResult{Payload: payload.Text("through")}, nil
		case <-ctx.Done():
			return node.ScriptResult{}, fault.Wrap(ctx.Err(), fault.Cancelled, "interrupted")
		}
	})
	return g
}

func TestClientThatLeavesCancelsItsRun(t *testing.T) {
	w := newWorld(t)
	g := w.gate("wait();")
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "wait();", "output_1>b error>b"), js("b", "after();", "")))
	client, leave := context.WithCancel(t.Context())
	go func() { <-g.entered; leave() }()
	_, err := w.Serve(client, get("/x"))
	if f := fault.As(err); f == nil || f.Code != fault.Cancelled || !strings.Contains(f.Message, "client") {
		t.Errorf("got %v", err)
	}
	if w.engine.count("after();") != 0 {
		t.Error("the run went on")
	}
	if got := w.observer.done(); len(got) != 1 || got[0] != "x cancelled" {
		t.Errorf("got %v", got)
	}
}

func TestClientsDeadlineIsALimit(t *testing.T) {
	w := newWorld(t)
	w.gate("wait();")
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "wait();", "")))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := w.Serve(ctx, get("/x"))
	if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "server.request_timeout" {
		t.Errorf("got %v", err)
	}
}

func TestRunTimeLimit(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Limits.RunTime = 20 * time.Millisecond })
	w.gate("wait();")
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "wait();", ""),
		start("f", "ANY", "/fork", "output_1>split"), raw("split", `{"type":"fork"}`, "output_1>a output_2>a")))
	for _, path := range []string{"/x", "/fork"} {
		_, err := w.Serve(t.Context(), get(path))
		if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_run_seconds" || f.Workflow != "x" {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// A run that waits for a place among the scripts until its time is over is told
// to come back, not that it was too slow.
func TestFullScriptPool(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.MaxScripts = 1 })
	g := w.gate("wait();")
	w.publish("x", doc(start("s", "ANY", "/wait", "output_1>a"), js("a", "wait();", ""), start("s2", "ANY", "/x", "output_1>b"), js("b", "f();", ""),
		start("f", "ANY", "/fork", "output_1>split"), raw("split", `{"type":"fork"}`, "output_1>b output_2>b")))
	var wg sync.WaitGroup
	wg.Go(func() { w.expect(get("/wait"), "200 through") })
	<-g.entered
	for _, path := range []string{"/x", "/fork"} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		_, err := w.Serve(ctx, get(path))
		cancel()
		if f := fault.As(err); f == nil || f.Code != fault.Unavailable || f.RetryAfter == 0 || !strings.Contains(f.Message, "vm_pool.max_size is 1") {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if h := w.Health(t.Context()); h.Checks["vm_pool"] != "busy" {
		t.Errorf("got %+v", h)
	}
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, err := w.Serve(left, get("/x")); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("who left is not told to come back: %v", err)
	}
	close(g.open)
	wg.Wait()
	w.expect(get("/x"), "200 {}")
	if w.observer.scripts != 1 {
		t.Errorf("%d scripts at once", w.observer.scripts)
	}
}

func TestPanicsAreContained(t *testing.T) {
	boom := func(context.Context, ports.ScriptCall) (node.ScriptResult, error) { panic("secret detail") }
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Features.Network = true; c.MaxScripts = 1 })
	w.engine.on("boom();", boom)
	w.engine.on("log", boom)
	w.engine.on("auth", boom)
	w.engine.calls("mail();", "send_mail_async", `"a@b.c"`, `"s"`, `"t"`)
	w.outside.http = func(context.Context, node.HTTPRequest) (node.HTTPResult, error) { panic("http") }
	w.outside.mail = func(context.Context, node.MailRequest) error { panic("mail") }
	w.publish("x", doc(start("s", "ANY", "/script", "output_1>a"), js("a", "boom();", ""), start("s2", "ANY", "/http", "output_1>h"), raw("h", `{"type":"http","url":"http://x/"}`, ""),
		start("f", "ANY", "/fork", "output_1>split"), raw("split", `{"type":"fork"}`, "output_1>r output_2>a"), raw("r", `{"type":"response"}`, ""),
		start("e", "ANY", "/error", "output_1>e1"), js("e1", "boom();", "error>r"), start("m", "ANY", "/mail", "output_1>m1"), js("m1", "mail();", "")))
	w.publish("logged", withDefaultJS("function log(){}", start("s", "ANY", "/logged", "output_1>split"), raw("split", `{"type":"fork"}`, "output_1>r output_2>b"), raw("r", `{"type":"response"}`, ""), js("b", "f();", "")))
	w.publish("guarded", withDefaultJS("function auth(){}", authStart("s", "/guarded", "output_1>r"), raw("r", `{"type":"response"}`, "")))
	for _, path := range []string{"/script", "/http", "/guarded"} {
		_, err := w.Serve(t.Context(), get(path))
		if f := fault.As(err); f == nil || f.Code != fault.Internal || strings.Contains(f.Error(), "secret") {
			t.Errorf("%s: got %v", path, err)
		}
	}
	w.expect(get("/fork"), "200 {}")
	w.expect(get("/logged"), "200 {}")
	w.expect(get("/mail"), "200 undefined")
	out, err := w.Serve(t.Context(), get("/error"))
	if got := answer(out, err); !strings.Contains(got, `"code":"internal"`) || strings.Contains(got, "secret") {
		t.Errorf("got %s", got)
	}
	eventually(t, "the panics are logged", func() bool {
		log := w.logs.String()
		return strings.Contains(log, "secret detail") && strings.Contains(log, "panic=mail") && strings.Count(log, "log() of default_js failed") == 4
	})
	w.expect(get("/script"), "internal") // no place among the scripts was lost
}

func TestForkOutlivesItsResponseAndShutdownWaitsForIt(t *testing.T) {
	w := newStopped(t, memory.Designer{})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	g := w.gate("wait();")
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>split"), raw("split", `{"type":"fork"}`, "output_1>r output_2>a"), raw("r", `{"type":"response","body":"early"}`, ""), js("a", "wait();", "output_1>b"), js("b", "after();", "")))
	client, leave := context.WithCancel(t.Context())
	out, err := w.Serve(client, get("/x"))
	leave() // the branch does not depend on the client any more
	if got := answer(out, err); got != "200 early" {
		t.Fatalf("got %s", got)
	}
	<-g.entered
	closed := make(chan error, 1)
	go func() { closed <- w.Close(context.WithoutCancel(t.Context())) }()
	eventually(t, "stopping", func() bool { return !w.Ready() })
	eventually(t, "no new runs", func() bool { return w.serve(get("/x")) == string(fault.Unavailable) })
	select {
	case <-closed:
		t.Fatal("shutdown did not wait for the branch")
	default:
	}
	close(g.open)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if w.engine.count("after();") != 1 {
		t.Error("the branch did not reach its end")
	}
	if r, err := w.store.Run(t.Context(), out.RunID); err != nil || r.Status != ports.RunSucceeded || r.Steps != 5 {
		t.Errorf("the record is not stored: %+v, %v", r, err)
	}
}

func TestShutdownCancelsWhatDoesNotEnd(t *testing.T) {
	w := newStopped(t, memory.Designer{})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	g := w.gate("wait();")
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>split"), raw("split", `{"type":"fork"}`, "output_1>r output_2>a"), raw("r", `{"type":"response"}`, ""), js("a", "wait();", ""),
		start("s2", "ANY", "/front", "output_1>a")))
	out, err := w.Serve(t.Context(), get("/x"))
	if err != nil {
		t.Fatal(err)
	}
	front := make(chan string, 1)
	go func() { front <- w.serve(get("/front")) }()
	<-g.entered
	<-g.entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := w.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if got := <-front; got != string(fault.Cancelled) {
		t.Errorf("got %s", got)
	}
	if r, err := w.store.Run(t.Context(), out.RunID); err != nil || r.Status != ports.RunCancelled {
		t.Errorf("the record of a cancelled run is stored all the same: %+v, %v", r, err)
	}
}

// A script inside an operation that cannot be interrupted does not keep the
// process from ending.
func TestShutdownLeavesAStuckRunBehind(t *testing.T) {
	w := newWorld(t)
	entered, open := make(chan struct{}), make(chan struct{})
	w.engine.on("stuck();", func(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
		close(entered)
		<-open
		return node.ScriptResult{}, nil
	})
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "stuck();", "")))
	answered := make(chan string, 1)
	go func() { answered <- w.serve(get("/x")) }()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- w.Close(ctx) }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("Close waits for a run that never ends")
	}
	close(open)
	<-answered
}

func TestCloseWithoutStart(t *testing.T) {
	w := newStopped(t, memory.Designer{})
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal("closing twice:", err)
	}
}

// wkill stops runs of its own workflow only.
func TestWKill(t *testing.T) {
	w := newWorld(t)
	g := w.gate("wait();")
	for _, id := range []string{"mine", "other"} {
		w.publish(id, doc(start("s", "ANY", "/"+id, "output_1>a"), js("a", "wait();", ""), start("k", "ANY", "/"+id+"/kill/:wid", "output_1>k1"), js("k1", "kill();", "")))
	}
	w.engine.on("kill();", func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		wid, _ := call.Payload.Field("wid")
		v, err := call.Host.Call(ctx, "wkill", []payload.Value{wid})
		return node.ScriptResult{Payload: v}, err
	})
	ended := make(chan string, 1)
	go func() { ended <- w.serve(get("/mine")) }()
	wid := <-g.entered
	w.expect(get("/other/kill/"+wid), "200 false")
	w.expect(get("/mine/kill/nobody"), "200 false")
	select {
	case got := <-ended:
		t.Fatalf("killed by a stranger: %s", got)
	case <-time.After(20 * time.Millisecond):
	}
	w.expect(get("/mine/kill/"+wid), "200 true")
	if got := <-ended; got != string(fault.Cancelled) {
		t.Errorf("got %s", got)
	}
	w.expect(get("/mine/kill/"+wid), "200 false")
}

// Branches that run beside each other share a run: its variables, its session,
// its env.
func TestBranchesBesideEachOther(t *testing.T) {
	w := newWorld(t)
	use := func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		for _, name := range []string{"vars", "env", "profile", "form", "header", "__outputs", "prev_box", "nflow_endpoint", "auth_flag"} {
			call.Host.Global(name)
		}
		box, _ := call.Host.Global("current_box")
		if _, err := call.Host.Call(ctx, "set_session", []payload.Value{payload.Text("s"), box, box}); err != nil {
			return node.ScriptResult{}, err
		}
		_, err := call.Host.Call(ctx, "set_env", []payload.Value{box, box})
		vars, _ := call.Host.Global("vars")
		return node.ScriptResult{Payload: vars}, err
	}
	var nodes []string
	edges := ""
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		w.engine.on(id+"1();", use)
		w.engine.on(id+"2();", use)
		nodes = append(nodes, js(id, id+"1();", "output_1>"+id+id), js(id+id, id+"2();", ""))
		edges += " output_" + id + ">" + id
	}
	w.publish("x", doc(append(nodes, start("s", "ANY", "/x/:v", "output_1>split"), raw("split", `{"type":"fork"}`, edges))...))
	for range 30 {
		out, err := w.Serve(t.Context(), get("/x/7"))
		if got := answer(out, err); got != `200 {"v":"7"}` {
			t.Fatalf("got %s", got)
		}
	}
	eventually(t, "all branches end", func() bool { return len(w.observer.done()) == 30 })
}
