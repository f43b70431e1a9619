package telemetry

import (
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.PluginObserver = (*Observer)(nil)

type pluginLabels struct{ plugin, op, code string }

// pluginGauges are what is shown of one plugin as it is doing.
type pluginGauges struct{ up, restarts, memory, processes *metrics.Gauge }

// plugins are the metrics of plugins. Their names come from the operator, so
// they are few.
type plugins struct {
	calls *family[pluginLabels, *metrics.Counter]
	times *family[pluginLabels, *metrics.PrometheusHistogram]

	mu     sync.Mutex
	gauges map[string]pluginGauges
}

func (o *Observer) addPlugins(limit int) {
	set := o.set
	o.plugins = &plugins{
		calls: newFamily(limit, pluginLabels{other, other, other}, func(l pluginLabels) *metrics.Counter {
			return set.NewCounter(name("nflow_plugin_calls_total", "plugin", l.plugin, "op", l.op, "code", l.code))
		}),
		times: newFamily(limit, pluginLabels{other, other, ""}, func(l pluginLabels) *metrics.PrometheusHistogram {
			return set.NewPrometheusHistogramExt(name("nflow_plugin_call_duration_seconds", "plugin", l.plugin, "op", l.op), nodeBuckets())
		}),
		gauges: map[string]pluginGauges{},
	}
}

// PluginCalled counts and times a call; the code of a success is shown as "ok".
func (o *Observer) PluginCalled(plugin, op string, code fault.Code, took time.Duration) {
	if code == "" {
		code = "ok"
	}
	o.plugins.calls.get(pluginLabels{plugin, op, string(code)}).Inc()
	o.plugins.times.get(pluginLabels{plugin, op, ""}).Update(took.Seconds())
}

// PluginSeen shows how a plugin is doing; one that is closed is no longer shown.
func (o *Observer) PluginSeen(plugin string, state ports.PluginState) {
	p := o.plugins
	p.mu.Lock()
	defer p.mu.Unlock()
	g, known := p.gauges[plugin]
	if state.Status == "closed" {
		if known {
			delete(p.gauges, plugin)
			for _, metric := range pluginMetrics() {
				o.set.UnregisterMetric(name(metric, "plugin", plugin))
			}
		}
		return
	}
	if !known {
		var all []*metrics.Gauge
		for _, metric := range pluginMetrics() {
			all = append(all, o.set.NewGauge(name(metric, "plugin", plugin), nil))
		}
		g = pluginGauges{all[0], all[1], all[2], all[3]}
		p.gauges[plugin] = g
	}
	up := 0.0
	if state.Status == "ok" {
		up = 1
	}
	g.up.Set(up)
	g.restarts.Set(float64(state.Restarts))
	g.memory.Set(float64(state.MemoryBytes))
	g.processes.Set(float64(state.Processes))
}

func pluginMetrics() []string {
	return []string{"nflow_plugin_up", "nflow_plugin_restarts", "nflow_plugin_memory_bytes", "nflow_plugin_processes"}
}
