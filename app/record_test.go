package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestRecordOfARun(t *testing.T) {
	w := newWorld(t)
	w.engine.on("slow();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		w.clock.pass(20 * time.Millisecond)
		return node.ScriptResult{Payload: call.Payload, Next: "output_1"}, nil
	})
	w.engine.on("fail();", func(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
		w.clock.pass(5 * time.Millisecond)
		return node.ScriptResult{}, fault.New(fault.ScriptFailed, "boom")
	})
	w.publish("x", doc(start("s", "POST", "/x/:id", "output_1>a"), js("a", "slow();", "output_1>b"), js("b", "fail();", "error>c"), js("c", "fail();", "")))
	out, err := w.Serve(t.Context(), request("POST", "/x/7", ""))
	if fault.CodeOf(err) != fault.ScriptFailed {
		t.Fatal(err)
	}
	r, err := w.Run(t.Context(), out.RunID)
	if err != nil {
		t.Fatal(err)
	}
	want := ports.RunRecord{
		ID: out.RunID, Workflow: "x", Version: 1, Status: ports.RunFailed, Trigger: "POST /x/:id", Started: w.clock.now.Add(-30 * time.Millisecond), Duration: 30, Steps: 4,
		ErrorCode: "script_failed", Error: "boom", ErrorNode: "c", Nodes: []ports.NodeRecord{
			{Node: "s", Type: "httpstart", Output: "output_1"}, {Node: "a", Label: "Box a", Type: "js", Duration: 20, Output: "output_1"},
			{Node: "b", Label: "Box b", Type: "js", Offset: 20, Duration: 5, Output: "error", Error: "boom"}, {Node: "c", Label: "Box c", Type: "js", Offset: 25, Duration: 5, Error: "boom"},
		},
	}
	if got := fmt.Sprintf("%+v", r); got != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %s\nwant %+v", got, want)
	}
	if got := fmt.Sprint(w.observer.nodes, w.observer.runs); got != "[httpstart js js script_failed js script_failed] [x error]" {
		t.Errorf("observed %s", got)
	}
	if _, err := w.Run(t.Context(), "nobody"); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}

// Of each workflow the newest records are kept, also those of a batch that never
// reached the store; reading stores what waits first.
func TestRecorderKeepsTheNewest(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Retention.RunsKeep = 3 })
	w.publish("busy", hello("/busy", ""))
	w.publish("quiet", hello("/quiet", ""))
	serve := func(path string, times int) {
		for range times {
			w.clock.pass(time.Second)
			w.expect(get(path), "200 ")
		}
	}
	ids := func(workflow string) (all []string) {
		runs, err := w.Runs(t.Context(), ports.RunFilter{Workflow: workflow, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range runs {
			all = append(all, r.ID)
		}
		return all
	}
	serve("/quiet", 1)
	serve("/busy", 2)
	if got := fmt.Sprint(ids(""), ids("busy")); got != "[run-000003 run-000002 run-000001] [run-000003 run-000002]" {
		t.Errorf("got %s", got)
	}
	serve("/busy", 8)
	if got := fmt.Sprint(ids("busy"), ids("quiet")); got != "[run-000011 run-000010 run-000009] [run-000001]" {
		t.Errorf("got %s", got)
	}
	if w.observer.dropped != 0 {
		t.Errorf("%d dropped", w.observer.dropped)
	}
}

func TestRecordsAreStoredInTheBackground(t *testing.T) {
	w := newWorld(t)
	w.publish("x", hello("/x", ""))
	out, err := w.Serve(t.Context(), get("/x"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Run(t.Context(), out.RunID); err == nil {
		t.Error("the request waited for the store")
	}
	w.clock.tick(500 * time.Millisecond)
	eventually(t, "the record is stored", func() bool { _, err := w.store.Run(t.Context(), out.RunID); return err == nil })
}

func TestNoRecords(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Retention.RunsKeep = 0 })
	w.publish("x", hello("/x", ""))
	w.expect(get("/x"), "200 ")
	if runs, err := w.Runs(t.Context(), ports.RunFilter{Limit: 10}); err != nil || len(runs) != 0 {
		t.Errorf("got %+v, %v", runs, err)
	}
}

// Records wait while their store is away, as many as there is room for.
func TestRunStoreAway(t *testing.T) {
	store := &awayRuns{err: fault.New(fault.Unavailable, "the database is away")}
	w := newWorld(t, func(d *app.Deps, c *app.Config) {
		store.RunStore, c.Retention.RunsKeep = d.Runs, 5
		d.Runs = store
	})
	w.publish("x", hello("/x", ""))
	w.publish("y", hello("/y", ""))
	for range 3 {
		w.expect(get("/x"), "200 ")
		w.expect(get("/x"), "200 ")
		w.expect(get("/y"), "200 ")
		if _, err := w.Runs(t.Context(), ports.RunFilter{Limit: 10}); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("got %v", err)
		}
	}
	store.err = nil
	w.expect(get("/x"), "200 ")
	runs, err := w.Runs(t.Context(), ports.RunFilter{Limit: 10})
	var ids []string
	for _, run := range runs {
		ids = append(ids, run.Workflow+" "+strings.TrimLeft(run.ID, "run-0"))
	}
	slices.Sort(ids)
	if want := []string{"x 10", "x 4", "x 5", "x 7", "x 8", "y 3", "y 6", "y 9"}; err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v, want %v", ids, err, want)
	}
}

// Whoever leaves while records are stored takes none away.
func TestImpatientReader(t *testing.T) {
	w := newWorld(t)
	w.publish("x", hello("/x", ""))
	w.expect(get("/x"), "200 ")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Runs(gone, ports.RunFilter{Limit: 10}); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
	if runs, err := w.Runs(t.Context(), ports.RunFilter{Limit: 10}); err != nil || len(runs) != 1 {
		t.Errorf("got %+v, %v", runs, err)
	}
}

type awayRuns struct {
	ports.RunStore
	err error
}

func (a *awayRuns) AppendRuns(ctx context.Context, r []ports.RunRecord) error {
	if a.err != nil {
		return a.err
	}
	return a.RunStore.AppendRuns(ctx, r)
}

// A run of many nodes keeps a bounded record and counts every step.
func TestLongRuns(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Limits.Steps = 3000 })
	n := 0
	w.engine.on("turn();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		if n++; n == 2000 {
			return node.ScriptResult{Payload: payload.Text("done"), Next: "break"}, nil
		}
		return node.ScriptResult{Payload: call.Payload, Next: "output_1"}, nil
	})
	w.publish("x", doc(start("s", "GET", "/x", "output_1>a"), js("a", "turn();", "output_1>a")))
	out, err := w.Serve(t.Context(), get("/x"))
	if got := answer(out, err); got != "200 done" {
		t.Fatal(got)
	}
	if r, err := w.Run(t.Context(), out.RunID); err != nil || r.Steps != 2001 || len(r.Nodes) != 1000 {
		t.Errorf("%d steps, %d nodes, %v", r.Steps, len(r.Nodes), err)
	}
}

func TestExpiredSessionsAreDropped(t *testing.T) {
	w := newWorld(t)
	save := func(key string, expires time.Time) {
		if _, err := w.store.SaveSession(t.Context(), ports.Session{Key: key, Created: w.clock.Now(), Expires: expires}); err != nil {
			t.Fatal(err)
		}
	}
	save("old", w.clock.Now().Add(time.Minute))
	save("new", w.clock.Now().Add(time.Hour))
	w.clock.pass(2 * time.Minute)
	w.clock.tick(10 * time.Minute)
	eventually(t, "the old one is gone", func() bool {
		_, err := w.store.Session(t.Context(), "old", time.Unix(0, 0))
		return fault.CodeOf(err) == fault.NotFound
	})
	if _, err := w.store.Session(t.Context(), "new", w.clock.Now()); err != nil {
		t.Error(err)
	}
}

func TestHealth(t *testing.T) {
	w := newStopped(t, memory.Designer{})
	if h := w.Health(t.Context()); h.Status != ports.Unhealthy || w.Ready() {
		t.Errorf("healthy before the start: %+v", h)
	}
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(90 * time.Second)
	h := w.Health(t.Context())
	if h.Status != ports.Healthy || !w.Ready() || h.Checks["database"] != "ok" || h.Checks["vm_pool"] != "ok" || h.Uptime != "1m30s" || h.Version != "1.2.3" || h.Unix != w.clock.now.Unix() {
		t.Errorf("got %+v", h)
	}
	away, cancel := context.WithCancel(t.Context())
	cancel()
	if h := w.Health(away); h.Status != ports.Unhealthy || h.Checks["database"] == "ok" {
		t.Errorf("got %+v", h)
	}
}
