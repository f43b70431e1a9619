package app

import (
	"context"
	"maps"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const healthTimeout = 2 * time.Second

// Health reports on the runtime and its parts.
func (r *Runtime) Health(ctx context.Context) ports.HealthReport {
	now := r.Clock.Now()
	report := ports.HealthReport{
		Status:  ports.Healthy,
		Checks:  map[string]string{},
		Uptime:  now.Sub(r.started).Truncate(time.Second).String(),
		Version: r.cfg.Version,
		Unix:    now.Unix(),
	}
	if !r.ready.Load() {
		report.Status = ports.Unhealthy
	}
	var broken error
	if r.Sandbox != nil {
		var lines map[string]string
		lines, broken = r.Sandbox()
		maps.Copy(report.Checks, lines)
	}
	maps.Copy(report.Checks, r.PluginManager.Health())
	report.Checks["database"], report.Checks["vm_pool"] = "ok", "ok"
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := r.Database.Ping(ctx); err != nil {
		report.Status = ports.Unhealthy
		report.Checks["database"] = fault.As(err).Message
	}
	if r.Redis != nil {
		report.Checks["redis"] = "ok"
		if err := r.Redis.Ping(ctx); err != nil {
			report.Checks["redis"] = fault.As(err).Message
			if report.Status == ports.Healthy {
				report.Status = ports.Degraded
			}
		}
	}
	if r.places.full() {
		report.Checks["vm_pool"] = "busy"
	}
	if broken != nil {
		report.Status = ports.Unhealthy
		report.Checks["vm_pool"] = fault.As(broken).Message
	}
	return report
}

// Ready reports whether the runtime takes requests.
func (r *Runtime) Ready() bool { return r.ready.Load() }
