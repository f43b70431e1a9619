package http

import (
	"bytes"
	"net/http"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// healthAnswer is the manual's shape of a health check.
type healthAnswer struct {
	Status    string            `json:"status"` // healthy, degraded or unhealthy
	Timestamp int64             `json:"timestamp"`
	Uptime    string            `json:"uptime"`
	Version   string            `json:"version"`
	Checks    map[string]string `json:"checks"`
}

// getHealth is the health check: 200, also when a part is away that it can do
// without for a while (degraded), or 503.
func getHealth(ex *exchange) error {
	report := ex.s.deps.Health.Health(ex.r.Context())
	answer := healthAnswer{
		Status:    string(report.Status),
		Timestamp: report.Unix,
		Uptime:    report.Uptime,
		Version:   report.Version,
		Checks:    report.Checks,
	}
	if answer.Checks == nil {
		answer.Checks = map[string]string{}
	}
	status := http.StatusOK
	if report.Status == ports.Unhealthy {
		status = http.StatusServiceUnavailable
	}
	return ex.json(status, answer)
}

// getLive says that the process answers; it asks nobody.
func getLive(ex *exchange) error {
	return ex.json(http.StatusOK, map[string]string{"status": "alive"})
}

// getReady says whether to send requests here: not while starting or stopping.
func getReady(ex *exchange) error {
	if !ex.s.deps.Health.Ready() {
		return ex.json(http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
	}
	return ex.json(http.StatusOK, map[string]string{"status": "ready"})
}

// getMetrics writes all metrics in the Prometheus text format.
func getMetrics(ex *exchange) error {
	var b bytes.Buffer
	ex.s.deps.Metrics(&b)
	ex.raw(http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", b.Bytes())
	return nil
}
