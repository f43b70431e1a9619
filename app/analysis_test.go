package app_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// finder finds a grave thing where a script says EVIL, and a small one where it
// says ODD; it counts what it is asked.
type finder struct {
	ports.ScriptEngine

	asked atomic.Int32
	away  atomic.Bool
	hard  atomic.Bool   // it takes too much to read any script
	block chan struct{} // when set, every check waits for it
}

func (f *finder) Check(ctx context.Context, s node.Script) ([]policy.Finding, error) {
	f.asked.Add(1)
	if f.block != nil {
		<-f.block
	}
	if f.away.Load() {
		return nil, fault.New(fault.Unavailable, "nobody to ask")
	}
	if f.hard.Load() {
		return nil, fault.New(fault.LimitExceeded, "takes too much to read").OverLimit("vm_pool.max_memory_mb")
	}
	all, err := f.ScriptEngine.Check(ctx, s)
	for line, text := range strings.Split(s.Code, "\n") {
		if at := strings.Index(text, "EVIL"); at >= 0 {
			all = append(all, policy.Finding{Rule: "no-evil", Severity: policy.High, Message: "this is evil; do good", Line: line + 1, Column: at + 1})
		}
		if at := strings.Index(text, "ODD"); at >= 0 {
			all = append(all, policy.Finding{Rule: "no-odd", Severity: policy.Low, Message: "this is odd; be even", Line: line + 1, Column: at + 1})
		}
	}
	return all, err
}

// analysed starts a world whose engine finds things.
func analysed(t *testing.T, rows memory.Designer, a policy.Analysis, ttl time.Duration) (*world, *finder) {
	t.Helper()
	f := &finder{}
	w := newStopped(t, rows, func(d *app.Deps, cfg *app.Config) {
		f.ScriptEngine = d.Engine
		d.Engine = f
		cfg.Analysis, cfg.AnalysisTTL = a, ttl
	})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w, f
}

func blocking() policy.Analysis { return policy.Analysis{Enabled: true, BlockHigh: true, Log: true} }

func (w *world) counted(event string) int {
	w.observer.mu.Lock()
	defer w.observer.mu.Unlock()
	return w.observer.events[event]
}

// placesOf are the faults of an error as "code rule node field line:column".
func placesOf(err error) string {
	var list fault.List
	if !errors.As(err, &list) && err != nil {
		list = fault.List{fault.As(err)}
	}
	var out []string
	for _, f := range list {
		out = append(out, string(f.Code)+" "+f.Rule+": "+f.Place())
	}
	return strings.Join(out, "; ")
}

func one(code string) []byte {
	return doc(start("s", "ANY", "/x", "output_1>a"), js("a", code, ""))
}

func TestPublishIsAnalysed(t *testing.T) {
	w, _ := analysed(t, memory.Designer{}, blocking(), time.Minute)
	_, err := w.Publish(t.Context(), "x", one("good();\nEVIL(); ODD();"), ports.AnyVersion, "t")
	if got := placesOf(err); got != "script_blocked no-evil: workflow x, node a, data.script line 2:1" {
		t.Errorf("got %s", got)
	}
	if w.counted("script_blocked no-evil") != 1 || w.counted("script_analyzed blocked") != 1 {
		t.Errorf("counted %v", w.observer.events)
	}
	info := w.publish("x", one("good(); ODD();"))
	if len(info.Warnings) != 1 || info.Warnings[0] != "node a, data.script line 1:9: this is odd; be even (low severity, rule no-odd)" {
		t.Errorf("warnings %q", info.Warnings)
	}
	report := w.Validate(t.Context(), one("EVIL();"))
	if len(report.Faults) != 1 || report.Faults[0].Rule != "no-evil" || w.counted("script_blocked no-evil") != 1 {
		t.Errorf("report %v; a validation is no refusal: %v", report, w.observer.events)
	}
	report = w.Validate(t.Context(), doc(start("s", "ANY", "/x", ""), js("lonely", "EVIL();", "")))
	if len(report.Faults) != 0 || len(report.Warnings) != 2 {
		t.Errorf("what nothing leads to: %v", report)
	}
	w.publish("x", one("good();"))
	if w.counted("script_analyzed clean") != 1 || w.counted("script_analyzed warned") != 1 {
		t.Errorf("counted %v", w.observer.events)
	}
}

func TestFindingsAreWarningsWithoutBlocking(t *testing.T) {
	w, _ := analysed(t, memory.Designer{}, policy.Analysis{Enabled: true}, time.Minute)
	info := w.publish("x", withDefaultJS("function log() { ODD }", start("s", "ANY", "/x", "output_1>a"), js("a", "EVIL();", "")))
	if len(info.Warnings) != 2 || !strings.Contains(info.Warnings[0], "no-evil") || !strings.HasPrefix(info.Warnings[1], "default_js line 1:18: ") {
		t.Errorf("warnings %q", info.Warnings)
	}
	w.expect(get("/x"), "200 {}")
	if strings.Contains(w.logs.String(), "analysis") {
		t.Errorf("security.log_security_warnings is off: %s", w.logs)
	}
}

func TestDisabledAnalysis(t *testing.T) {
	w, f := analysed(t, memory.Designer{}, policy.Analysis{BlockHigh: true, Log: true}, time.Minute)
	if info := w.publish("x", one("EVIL();")); len(info.Warnings) != 0 {
		t.Errorf("warnings %q", info.Warnings)
	}
	before := f.asked.Load()
	w.expect(get("/x"), "200 {}")
	if f.asked.Load() != before || len(w.observer.events) != 0 || strings.Contains(w.logs.String(), "analysis") {
		t.Errorf("%d checks, %v, %s", f.asked.Load()-before, w.observer.events, w.logs)
	}
}

func TestDefaultJSIsAnalysed(t *testing.T) {
	w, _ := analysed(t, memory.Designer{}, blocking(), time.Minute)
	document := withDefaultJS("function auth(){}\nEVIL", authStart("s", "/x", "output_1>a"), authStart("s2", "/y", "output_1>a"), js("a", "good();", ""))
	_, err := w.Publish(t.Context(), "x", document, ports.AnyVersion, "t")
	if got := placesOf(err); got != "script_blocked no-evil: workflow x, default_js line 2:1" {
		t.Errorf("got %s", got)
	}
	if report := w.Validate(t.Context(), withDefaultJS("SYNTAX", start("s", "GET", "/x", ""))); len(report.Faults) != 0 || len(report.Warnings) != 1 {
		t.Errorf("report %v", report)
	}
}

func TestModulesAreAnalysed(t *testing.T) {
	w, _ := analysed(t, applicationRows(t), blocking(), time.Minute)
	err := w.Shelf().PutModule(t.Context(), ports.Module{Name: "m", Code: "fine\n EVIL"})
	if got := placesOf(err); got != "script_blocked no-evil: code line 2:2" || w.counted("script_blocked no-evil") != 1 {
		t.Errorf("got %s, %v", got, w.observer.events)
	}
	if err := w.Shelf().PutModule(t.Context(), ports.Module{Name: "m", Code: "ODD"}); err != nil {
		t.Error(err)
	}
	if err := w.store.PutModule(t.Context(), ports.Module{Name: "bad", Code: "EVIL"}); err != nil { // as a designer would
		t.Fatal(err)
	}
	_, err = w.Publish(t.Context(), "x", one("bad"), ports.AnyVersion, "t")
	if got := placesOf(err); got != "script_blocked no-evil: workflow x, node a, data.script line 1:1" || !strings.Contains(err.Error(), "module bad: this is evil") {
		t.Errorf("got %s: %v", got, err)
	}
	var required error
	w.engine.on("load();", func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		_, required = call.Host.Module(ctx, "bad")
		return node.ScriptResult{Payload: call.Payload}, nil
	})
	w.publish("y", one("load();"))
	w.expect(get("/x"), "200 {}")
	if f := fault.As(required); f == nil || f.Code != fault.Blocked || f.Rule != "no-evil" || !strings.HasPrefix(f.Message, "module bad, line 1:1: this is evil") {
		t.Errorf("require gave %v", required)
	}
}

// What is in use stays, but its bad scripts do not run.
func TestStoredScriptIsBlockedWhenItRuns(t *testing.T) {
	rows := memory.Designer{}
	w, f := analysed(t, rows, blocking(), time.Minute)
	document := doc(start("s", "ANY", "/x", "output_1>a"), js("a", "\n EVIL();", ""),
		start("s2", "ANY", "/caught", "output_1>b"), js("b", "EVIL();", "error>c"), raw("c", `{"type":"response","body":"caught"}`, ""))
	info, err := w.Import(t.Context(), ports.Workflow{ID: "x", Document: document})
	if err != nil || len(info.Warnings) != 2 {
		t.Fatalf("%v, %v", info, err)
	}
	_, err = w.Serve(t.Context(), get("/x"))
	if got := placesOf(err); got != "script_blocked no-evil: workflow x, node a, data.script line 2:2" {
		t.Errorf("got %s", got)
	}
	if w.engine.count("\n EVIL();") != 0 || w.counted("script_blocked no-evil") != 1 {
		t.Error("it ran")
	}
	w.expect(get("/caught"), "200 caught")
	if err := w.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := f.asked.Load()
	w.expect(get("/x"), "script_blocked")
	w.expect(get("/caught"), "200 caught")
	if f.asked.Load() != before {
		t.Error("a known verdict was asked for")
	}
	if n := strings.Count(w.logs.String(), "msg=\"the analysis found something in a script\""); n != 2 {
		t.Errorf("%d lines in %s", n, w.logs)
	}
	if want := "rule=no-evil severity=high line=2 column=2 findings=1 blocked=true workflow=x node=a"; !strings.Contains(w.logs.String(), want) {
		t.Errorf("no %q in %s", want, w.logs)
	}
	if strings.Contains(w.logs.String(), "EVIL();") {
		t.Error("the log shows the source")
	}
	w.clock.pass(2 * time.Minute)
	w.expect(get("/x"), "script_blocked")
	if f.asked.Load() != before+1 {
		t.Errorf("%d checks after the verdict's time", f.asked.Load()-before)
	}
}

func TestAnalysisWithoutCache(t *testing.T) {
	w, f := analysed(t, memory.Designer{}, blocking(), 0)
	w.publish("x", one("good();"))
	before := f.asked.Load()
	for range 3 {
		w.expect(get("/x"), "200 {}")
	}
	if n := f.asked.Load() - before; n != 3 {
		t.Errorf("%d checks for 3 runs", n)
	}
}

// A script that cannot be analysed does not run where findings block.
func TestAnalysisThatFails(t *testing.T) {
	for _, block := range []bool{true, false} {
		w, f := analysed(t, memory.Designer{}, policy.Analysis{Enabled: true, BlockHigh: block}, time.Minute)
		w.publish("x", one("good();"))
		w.clock.pass(time.Hour)
		f.away.Store(true)
		want := map[bool]string{true: "unavailable", false: "200 {}"}[block]
		w.expect(get("/x"), want)
		f.away.Store(false)
		w.expect(get("/x"), "200 {}")
	}
}

// A script that takes too much to read is not published. One that is stored does
// not run where findings block, and the next look may tell better.
func TestScriptsThatTakeTooMuchToRead(t *testing.T) {
	w, f := analysed(t, memory.Designer{}, blocking(), time.Minute)
	w.publish("x", one("good();"))
	w.clock.pass(time.Hour)
	f.hard.Store(true)
	w.expect(get("/x"), "limit_exceeded")
	_, err := w.Publish(t.Context(), "y", doc(start("s", "ANY", "/y", "output_1>a"), js("a", "fine();", "")), 0, "")
	if fault.CodeOf(err) != fault.Invalid {
		t.Errorf("published: %v", err)
	}
	f.hard.Store(false)
	w.expect(get("/x"), "200 {}")
}

func TestOneAnalysisForManyRequests(t *testing.T) {
	w, f := analysed(t, memory.Designer{}, blocking(), time.Minute)
	w.publish("x", one("good();"))
	w.clock.pass(time.Hour)
	before := f.asked.Load()
	f.block = make(chan struct{})
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() { w.expect(get("/x"), "200 {}") })
	}
	eventually(t, "one asks", func() bool { return f.asked.Load() > before })
	close(f.block)
	done.Wait()
	if n := f.asked.Load() - before; n != 1 {
		t.Errorf("%d checks", n)
	}
}
