package app_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// A workflow with hundreds of scripts that wait does not hold up another one.
func TestNoisyWorkflowDoesNotStarveOthers(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.MaxScripts = 8 })
	g := w.gate("wait();")
	g.entered = make(chan string, 200)
	w.publish("noisy", doc(start("s", "ANY", "/noisy", "output_1>a"), js("a", "wait();", "")))
	w.publish("healthy", withDefaultJS("function log() {}", start("s", "ANY", "/healthy", "output_1>a"), js("a", "f();", "")))
	var noisy sync.WaitGroup
	for range 200 {
		noisy.Go(func() { w.expect(get("/noisy"), "200 through") })
	}
	for range 6 {
		<-g.entered
	}
	for range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		out, err := w.Serve(ctx, get("/healthy"))
		cancel()
		if got := answer(out, err); got != "200 {}" {
			t.Fatalf("got %s: %v", got, err)
		}
	}
	if w.engine.count("wait();") != 6 {
		t.Errorf("%d scripts of the noisy workflow run", w.engine.count("wait();"))
	}
	if h := w.Health(t.Context()); h.Checks["vm_pool"] != "ok" {
		t.Errorf("there are places, but: %v", h.Checks)
	}
	close(g.open)
	noisy.Wait()
	if w.observer.scripts > 8 {
		t.Errorf("%d scripts ran at once", w.observer.scripts)
	}
}

// The branches of one run wait for each other's places and all get theirs.
func TestBranchesShareTheirWorkflowsPlaces(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.MaxScripts = 1 })
	nodes := []string{start("s", "ANY", "/x", "output_1>split"), raw("split", `{"type":"fork"}`, "output_1>b0 output_2>b1 output_3>b2 output_4>b3")}
	for i := range 4 {
		nodes = append(nodes, js(fmt.Sprint("b", i), "branch();", fmt.Sprint("output_1>c", i)), js(fmt.Sprint("c", i), "branch();", ""))
	}
	w.publish("x", withDefaultJS("function log() {}", nodes...))
	w.expect(get("/x"), "200 {}")
	eventually(t, "every branch ends", func() bool { return len(w.observer.done()) == 1 })
	if got := w.engine.count("branch();"); got != 8 {
		t.Errorf("%d scripts ran", got)
	}
}

func TestEnginesByWorkflow(t *testing.T) {
	other := &engine{scripts: map[string]script{}}
	other.gives("f();", `"other"`)
	other.gives("auth", `true`)
	w := newWorld(t, func(d *app.Deps, _ *app.Config) {
		d.Engines = map[string]ports.ScriptEngine{"special": other, "none": nil}
	})
	w.engine.gives("f();", `"usual"`)
	for _, id := range []string{"special", "usual", "none"} {
		w.publish(id, withDefaultJS("function log() {}", start("s", "ANY", "/"+id, "output_1>a"), js("a", "f();", "")))
	}
	w.expect(get("/special"), "200 other")
	w.expect(get("/usual"), "200 usual")
	w.expect(get("/none"), "200 usual")
	if other.count("log") == 0 || w.engine.count("f();") != 2 {
		t.Error("log() ran elsewhere")
	}
	if err := w.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.expect(get("/special"), "200 other")
	if _, err := w.Activate(t.Context(), "special", 1, ports.AnyVersion); err != nil {
		t.Fatal(err)
	}
	w.expect(get("/special"), "200 other")
}

// stopped is what an engine says of a script that a limit stopped.
func stopped(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
	return node.ScriptResult{}, fault.New(fault.LimitExceeded, "more than 10 operations").OverLimit("vm_pool.max_operations").
		AtField("data.script").AtLine(3, 7)
}

func TestLimitsOfScriptsTakeTheErrorOutput(t *testing.T) {
	w := newWorld(t)
	w.engine.on("hog();", stopped)
	var given payload.Value
	w.engine.on("mend();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		given = call.Payload
		return node.ScriptResult{Payload: payload.Text("mended")}, nil
	})
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "hog();", "error>b"), js("b", "mend();", ""),
		start("s2", "ANY", "/bare", "output_1>c"), js("c", "hog();", "")))
	w.expect(request("POST", "/x", `{"id":7}`), "200 mended")
	want := `{"code":"limit_exceeded","column":7,"field":"data.script","limit":"vm_pool.max_operations","line":3,` +
		`"message":"more than 10 operations","node":"a","payload":{"id":7}}`
	if string(given.Bytes()) != want {
		t.Errorf("the error output got %s, want %s", given.Bytes(), want)
	}
	_, err := w.Serve(t.Context(), get("/bare"))
	if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "vm_pool.max_operations" || f.Node != "c" || f.Line != 3 || f.Workflow != "x" {
		t.Errorf("got %+v", f)
	}
}

func TestStoppedScriptsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.engine.on("hog();", stopped)
	w.engine.on("log", stopped)
	w.engine.on("fail();", func(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
		return node.ScriptResult{}, fault.New(fault.ScriptFailed, "thrown")
	})
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "hog();", "error>b"), js("b", "fail();", "")))
	w.publish("logging", withDefaultJS("function log() {}", start("s", "ANY", "/log", "")))
	w.expect(get("/x"), "script_failed")
	if got := w.observer.counted(ports.ScriptStopped, "vm_pool.max_operations"); got != 1 {
		t.Errorf("counted %d", got)
	}
	w.expect(get("/log"), "200 {}")
	if got := w.observer.counted(ports.ScriptStopped, "vm_pool.max_operations"); got != 2 {
		t.Errorf("with log(), counted %d", got)
	}
}

func TestSandboxIsPartOfHealth(t *testing.T) {
	var broken error
	w := newWorld(t, func(d *app.Deps, _ *app.Config) {
		d.Sandbox = func() (map[string]string, error) {
			return map[string]string{"sandbox": "seccomp: not available", "database": "mine"}, broken
		}
	})
	h := w.Health(t.Context())
	if h.Status != ports.Healthy || h.Checks["sandbox"] != "seccomp: not available" || h.Checks["database"] != "ok" {
		t.Errorf("got %+v", h)
	}
	broken = fault.New(fault.Unavailable, "no process starts")
	if h := w.Health(t.Context()); h.Status != ports.Unhealthy || h.Checks["vm_pool"] != "no process starts" {
		t.Errorf("got %+v", h)
	}
}

// A workflow that waits for a place is told why, and how to mend it.
func TestBusyNamesTheSetting(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.MaxScripts = 4; c.Limits.RunTime = 50 * time.Millisecond })
	hold := make(chan struct{})
	w.engine.on("hold();", func(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
		<-hold
		return node.ScriptResult{}, fault.New(fault.Cancelled, "late")
	})
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "hold();", "")))
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { w.expect(get("/x"), "limit_exceeded") })
	}
	eventually(t, "three run", func() bool { return w.engine.count("hold();") == 3 })
	_, err := w.Serve(t.Context(), get("/x")) // the fourth place is for others
	if f := fault.As(err); f == nil || f.Code != fault.Unavailable || f.RetryAfter == 0 || !strings.Contains(f.Message, "vm_pool.max_size is 4") {
		t.Errorf("got %v", err)
	}
	close(hold)
	all.Wait()
}
