package app

import (
	"context"
	"maps"
	"sync"
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
	if r.Redis != nil {
		report.Checks["redis"] = "ok"
	}
	database, redis := r.ping(ctx)
	if redis != nil {
		report.Checks["redis"] = fault.As(redis).Message
		if report.Status == ports.Healthy {
			report.Status = ports.Degraded
		}
	}
	if database != nil {
		report.Status = ports.Unhealthy
		report.Checks["database"] = fault.As(database).Message
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

// ping asks the backends, both at once: one that is silent takes no time from the
// other.
func (r *Runtime) ping(ctx context.Context) (database, redis error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	var both sync.WaitGroup
	if r.Redis != nil {
		both.Go(func() { redis = r.Redis.Ping(ctx) })
	}
	database = r.Database.Ping(ctx)
	both.Wait()
	return database, redis
}

// Ready reports whether the runtime takes requests.
func (r *Runtime) Ready() bool { return r.ready.Load() }
