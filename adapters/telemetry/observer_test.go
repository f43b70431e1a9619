package telemetry_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/telemetry"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func newObserver(t testing.TB, cfg telemetry.Config) *telemetry.Observer {
	t.Helper()
	cfg.Pool = true
	o, err := telemetry.NewObserver(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

func written(o *telemetry.Observer) string {
	var b bytes.Buffer
	o.WriteMetrics(&b)
	return b.String()
}

func TestMetricsAreThoseOfTheManual(t *testing.T) {
	o := newObserver(t, telemetry.Config{Sources: []telemetry.Source{
		{Name: "nflow_vm_pool_created_total", Read: func() float64 { return 200 }},
	}})
	o.RequestDone("POST", "/api/*", 200, 125*time.Millisecond)
	o.RequestDone("POST", "/api/*", 200, 125*time.Millisecond)
	o.RequestDone("GET", "/orders/{id}", 404, time.Millisecond)
	o.RunDone("shop", ports.RunSucceeded, 2500*time.Millisecond)
	o.NodeDone("js", "", 20*time.Microsecond)
	o.NodeDone("http", fault.UpstreamTimeout, 2*time.Second)
	o.Counted(ports.Dropped, "run_records", 3)
	o.Counted(ports.ScriptStopped, "vm_pool.max_operations", 2)
	o.Counted(ports.ScriptBlocked, "no-eval", 1)
	o.Counted(ports.Dropped, "run_records", 0)
	o.Scripts(45, 200)
	got := written(o)
	for _, want := range []string{
		`nflow_requests_total{method="POST",path="/api/*",status="200"} 2`,
		`nflow_requests_total{method="GET",path="/orders/{id}",status="404"} 1`,
		`nflow_requests_duration_seconds{method="POST",quantile="0.99"} 0.125`,
		`nflow_requests_duration_seconds_count{method="POST"} 2`,
		`nflow_workflows_total{status="success"} 1`,
		`nflow_workflows_duration_seconds{quantile="0.99"} 2.5`,
		`nflow_nodes_total{type="js",code="ok"} 1`,
		`nflow_nodes_total{type="http",code="upstream_timeout"} 1`,
		`nflow_node_duration_seconds_bucket{type="js",le="1e-05"} 0`,
		`nflow_node_duration_seconds_bucket{type="js",le="5e-05"} 1`,
		`nflow_node_duration_seconds_count{type="http"} 1`,
		`nflow_dropped_total{what="run_records"} 3`,
		`nflow_scripts_stopped_total{limit="vm_pool.max_operations"} 2`,
		`nflow_scripts_blocked_total{rule="no-eval"} 1`,
		`nflow_vm_pool_active 45`,
		`nflow_vm_pool_available 155`,
		`nflow_vm_pool_created_total 200`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("missing %s", want)
		}
	}
	if strings.Contains(got, "go_goroutines") {
		t.Error("process metrics were not asked for")
	}
	if t.Failed() {
		t.Log(got)
	}
}

func TestProcessMetricsOnRequest(t *testing.T) {
	if got := written(newObserver(t, telemetry.Config{Process: true})); !strings.Contains(got, "go_goroutines ") {
		t.Error("go_goroutines is missing")
	}
}

func TestObserversShareNothing(t *testing.T) {
	a, b := newObserver(t, telemetry.Config{}), newObserver(t, telemetry.Config{})
	a.Counted(ports.Dropped, "x", 1)
	if strings.Contains(written(b), "nflow_dropped_total") {
		t.Error("what one was told, the other shows")
	}
}

func TestLabelsAreEscaped(t *testing.T) {
	o := newObserver(t, telemetry.Config{})
	o.RequestDone("GET", "/a\"} 1\nforged{x=\"\\", 200, 0)
	o.RequestDone("GET", "/\xff", 200, 0)
	got := written(o)
	for _, want := range []string{`path="/a\"} 1\nforged{x=\"\\"`, `path="/?"`} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\nforged") {
		t.Error("a label started a line")
	}
}

func TestSeriesAreBounded(t *testing.T) {
	o := newObserver(t, telemetry.Config{MaxSeries: 10})
	for i := range 1000 {
		o.RequestDone(fmt.Sprint("M", i), fmt.Sprint("/", i), 200, time.Second)
		o.NodeDone(fmt.Sprint("type", i), "", time.Second)
		o.Counted(ports.Dropped, fmt.Sprint("what", i), 1)
	}
	got := written(o)
	if n := strings.Count(got, "nflow_requests_total{"); n != 11 {
		t.Errorf("%d series of requests, want 10 and one for the rest", n)
	}
	for _, want := range []string{
		`nflow_requests_total{method="other",path="other",status="0"} 990`,
		`nflow_requests_duration_seconds_count{method="other"} 1000`,
		`nflow_dropped_total{what="other"} 990`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("missing %s", want)
		}
	}
}

func TestSourcesAreChecked(t *testing.T) {
	read := func() float64 { return 1 }
	for name, sources := range map[string][]telemetry.Source{
		"bad name":    {{Name: "a b", Read: read}},
		"no reader":   {{Name: "a"}},
		"twice":       {{Name: "a", Read: read}, {Name: "a", Read: read}},
		"one of ours": {{Name: "nflow_vm_pool_active", Read: read}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := telemetry.NewObserver(telemetry.Config{Pool: true, Sources: sources}); !errors.Is(err, fault.New(fault.Invalid, "")) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestObserverIsSafeForConcurrentUse(t *testing.T) {
	o := newObserver(t, telemetry.Config{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				o.RequestDone("GET", fmt.Sprint("/", i%20), 200, time.Millisecond)
				o.Scripts(i, 200)
				if i%50 == 0 {
					_ = written(o)
				}
			}
		})
	}
	wg.Wait()
	if got := written(o); !strings.Contains(got, `nflow_requests_total{method="GET",path="/7",status="200"} 80`+"\n") {
		t.Error("counts were lost")
	}
}

func TestObservingAllocatesNothing(t *testing.T) {
	o := newObserver(t, telemetry.Config{})
	observe := func() {
		o.RequestDone("GET", "/orders/:id", 200, time.Millisecond)
		o.RunDone("shop", ports.RunSucceeded, time.Millisecond)
		o.NodeDone("js", "", time.Millisecond)
		o.Counted(ports.Dropped, "run_records", 1)
		o.Scripts(1, 2)
	}
	// Quantiles keep a sample that grows until it is full.
	for range 2000 {
		observe()
	}
	if n := testing.AllocsPerRun(1000, observe); n > 0 {
		t.Errorf("%v allocations for each request", n)
	}
}

func BenchmarkNodeDone(b *testing.B) {
	o := newObserver(b, telemetry.Config{})
	for b.Loop() {
		o.NodeDone("js", "", time.Millisecond)
	}
}
