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

func knownMethod(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return method
	default:
		return other
	}
}
