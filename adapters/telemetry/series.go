package telemetry

import (
	"strconv"

	"github.com/VictoriaMetrics/metrics"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// other is the label value of everything beyond the bounds.
const other = "other"

type requestLabels struct {
	method, path string
	status       int
}

type nodeLabels struct{ kind, code string }

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
	o.counts = newFamily(n, countLabels{ports.Dropped, other}, func(l countLabels) *metrics.Counter {
		metric, label := countMetric(l.event)
		return set.NewCounter(name(metric, label, l.label))
	})
}

type countLabels struct {
	event ports.Event
	label string
}

// countMetric is the metric that counts an event, and what its label is called.
func countMetric(e ports.Event) (metric, label string) {
	switch e {
	case ports.RateLimited:
		return "nflow_rate_limited_total", "limit"
	case ports.RateUnknown:
		return "nflow_rate_unknown_total", "limit"
	case ports.ScriptAnalyzed:
		return "nflow_scripts_analyzed_total", "verdict"
	case ports.ScriptBlocked:
		return "nflow_scripts_blocked_total", "rule"
	case ports.ScriptStopped:
		return "nflow_scripts_stopped_total", "limit"
	case ports.WorkerKilled:
		return "nflow_workers_killed_total", "reason"
	case ports.WorkerLost:
		return "nflow_workers_lost_total", "state"
	case ports.Dropped:
	}
	return "nflow_dropped_total", "what"
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

func knownMethod(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return method
	default:
		return other
	}
}
