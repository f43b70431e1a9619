package telemetry

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Observer = (*Observer)(nil)

// Config says what an Observer shows besides what it is told.
type Config struct {
	// Process adds metrics of the process and the Go runtime.
	Process bool
	// Pool adds the use of the script pool.
	Pool bool
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
	counts       *family[countLabels, *metrics.Counter]

	plugins *plugins

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
	o.addPlugins(cfg.MaxSeries)
	if cfg.Pool {
		o.set.NewGauge("nflow_vm_pool_active", func() float64 { return float64(o.active.Load()) })
		o.set.NewGauge("nflow_vm_pool_available", func() float64 { return float64(o.capacity.Load() - o.active.Load()) })
	}
	if err := o.addSources(cfg.Sources); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
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

// Counted adds to an event's metric; n below 1 counts nothing.
func (o *Observer) Counted(event ports.Event, label string, n int) {
	if n > 0 {
		o.counts.get(countLabels{event, label}).Add(n)
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
