package telemetry

import (
	"io"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Observer = (*Observer)(nil)

// other is the label value of everything beyond the bounds.
const other = "other"

// Config says what an Observer shows besides what it is told.
type Config struct {
	// Process adds metrics of the process and the Go runtime.
	Process bool
	// Sources are values that others keep, read when the metrics are written.
	Sources []Source
	// MaxSeries bounds each metric; default 2000.
	MaxSeries int
	// Window is how far back quantiles look; default 5 minutes.
	Window time.Duration
}

// Source is a value kept elsewhere, such as nflow_vm_pool_created_total.
type Source struct {
	Name string         // a metric name without labels
	Read func() float64 // must not block
}

type requestLabels struct {
	method, path string
	status       int
}

type nodeLabels struct{ kind, code string }

// Observer counts and times what happens, in a set of metrics of its own.
type Observer struct {
	set     *metrics.Set
	process bool

	requests     *family[requestLabels, *metrics.Counter]
	requestTimes *family[string, *metrics.Summary]
	runs         *family[ports.RunStatus, *metrics.Counter]
	runTimes     *metrics.Summary
	nodes        *family[nodeLabels, *metrics.Counter]
	nodeTimes    *family[string, *metrics.PrometheusHistogram]
	dropped      *family[string, *metrics.Counter]

	active, capacity atomic.Int64
}

// NewObserver returns an observer. It fails with code invalid when a source has
// no usable name or two have the same.
func NewObserver(cfg Config) (*Observer, error) {
	if cfg.MaxSeries <= 0 {
		cfg.MaxSeries = 2000
	}
	if cfg.Window <= 0 {
		cfg.Window = 5 * time.Minute
	}
	o := &Observer{set: metrics.NewSet(), process: cfg.Process}
	o.addFamilies(cfg)
	o.set.NewGauge("nflow_vm_pool_active", func() float64 { return float64(o.active.Load()) })
	o.set.NewGauge("nflow_vm_pool_available", func() float64 { return float64(o.capacity.Load() - o.active.Load()) })
	if err := o.addSources(cfg.Sources); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

func (o *Observer) addFamilies(cfg Config) {
	set, n := o.set, cfg.MaxSeries
	summary := func(name string) *metrics.Summary {
		return set.NewSummaryExt(name, cfg.Window, []float64{0.5, 0.9, 0.95, 0.99})
	}
	o.requests = newFamily(n, requestLabels{other, other, 0}, func(l requestLabels) *metrics.Counter {
		return set.NewCounter(name("nflow_requests_total", "method", l.method, "path", l.path, "status", strconv.Itoa(l.status)))
	})
	o.requestTimes = newFamily(n, other, func(method string) *metrics.Summary {
		return summary(name("nflow_requests_duration_seconds", "method", method))
	})
	o.runs = newFamily(n, other, func(s ports.RunStatus) *metrics.Counter {
		return set.NewCounter(name("nflow_workflows_total", "status", string(s)))
	})
	o.runTimes = summary("nflow_workflows_duration_seconds")
	o.nodes = newFamily(n, nodeLabels{other, other}, func(l nodeLabels) *metrics.Counter {
		return set.NewCounter(name("nflow_nodes_total", "type", l.kind, "code", l.code))
	})
	o.nodeTimes = newFamily(n, other, func(kind string) *metrics.PrometheusHistogram {
		return set.NewPrometheusHistogramExt(name("nflow_node_duration_seconds", "type", kind), nodeBuckets())
	})
	o.dropped = newFamily(n, other, func(what string) *metrics.Counter {
		return set.NewCounter(name("nflow_dropped_total", "what", what))
	})
}

// nodeBuckets are the upper bounds, in seconds, of how long nodes take: a
// script takes microseconds, an outbound call up to its timeout.
func nodeBuckets() []float64 {
	return []float64{0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30}
}

func (o *Observer) addSources(sources []Source) error {
	seen := make(map[string]bool)
	for _, known := range o.set.ListMetricNames() {
		seen[known] = true
	}
	for _, s := range sources {
		if metrics.ValidateMetric(s.Name) != nil || s.Read == nil || seen[s.Name] {
			return fault.New(fault.Invalid, "the metric %q has no usable name or reader, or is there twice", s.Name)
		}
		seen[s.Name] = true
		o.set.NewGauge(s.Name, s.Read)
	}
	return nil
}

// Close releases what the metrics library keeps for the observer.
func (o *Observer) Close() { o.set.UnregisterAllMetrics() }

// RequestDone counts an answered request. Methods that HTTP does not define are
// shown as "other".
func (o *Observer) RequestDone(method, route string, status int, took time.Duration) {
	method = knownMethod(method)
	o.requests.get(requestLabels{method, route, status}).Inc()
	o.requestTimes.get(method).Update(took.Seconds())
}

// RunDone counts a finished run. The workflow is no label: how many there are
// is up to the users.
func (o *Observer) RunDone(_ string, status ports.RunStatus, took time.Duration) {
	o.runs.get(status).Inc()
	o.runTimes.Update(took.Seconds())
}

// NodeDone counts a visited node; the code of a success is shown as "ok".
func (o *Observer) NodeDone(nodeType string, code fault.Code, took time.Duration) {
	if code == "" {
		code = "ok"
	}
	o.nodes.get(nodeLabels{nodeType, string(code)}).Inc()
	o.nodeTimes.get(nodeType).Update(took.Seconds())
}

// Dropped counts what was given up; n below 1 counts nothing.
func (o *Observer) Dropped(what string, n int) {
	if n > 0 {
		o.dropped.get(what).Add(n)
	}
}

// Scripts sets how many scripts run and how many could.
func (o *Observer) Scripts(active, capacity int) {
	o.active.Store(int64(active))
	o.capacity.Store(int64(capacity))
}

// WriteMetrics writes every metric in the Prometheus text format.
func (o *Observer) WriteMetrics(w io.Writer) {
	o.set.WritePrometheus(w)
	if o.process {
		metrics.WriteProcessMetrics(w)
	}
}

func knownMethod(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return method
	default:
		return other
	}
}
