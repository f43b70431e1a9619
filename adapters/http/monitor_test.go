package http

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestHealthIsAsTheManualSays(t *testing.T) {
	w := newWorld()
	w.report = ports.HealthReport{Status: ports.Healthy, Uptime: "24h15m30s", Version: "1.0.0", Unix: 1627849200,
		Checks: map[string]string{"vm_pool": "ok", "database": "ok"}}
	rec := w.do(t, "GET", "/health", "")
	wantStatus(t, rec, 200)
	want := `{"status":"healthy","timestamp":1627849200,"uptime":"24h15m30s","version":"1.0.0",` +
		`"checks":{"database":"ok","vm_pool":"ok"}}`
	if strings.TrimSpace(rec.Body.String()) != want {
		t.Errorf("got  %s\nwant %s", rec.Body, want)
	}
}

// A part that is away for a while takes no instance out of a load balancer; only
// one that cannot work does.
func TestHealthStatuses(t *testing.T) {
	for status, code := range map[ports.HealthStatus]int{ports.Healthy: 200, ports.Degraded: 200, ports.Unhealthy: 503} {
		w := newWorld()
		w.report = ports.HealthReport{Status: status, Checks: map[string]string{"redis": "does not answer"}}
		for _, method := range []string{"GET", "HEAD"} {
			rec := w.do(t, method, "/health", "")
			wantStatus(t, rec, code)
			if method == "GET" && !strings.Contains(rec.Body.String(), `"status":"`+string(status)+`"`) {
				t.Errorf("%s: %s", status, rec.Body)
			}
			if rec.Header().Get("Cache-Control") != "no-store" || rec.Header().Get("Retry-After") != "" {
				t.Errorf("%s: headers %v", status, rec.Header())
			}
		}
		wantStatus(t, w.do(t, "GET", "/health/live", ""), 200)
		wantStatus(t, w.do(t, "GET", "/health/ready", ""), 200)
	}
}

func TestMonitorPaths(t *testing.T) {
	quiet := func(c *Config) { c.MonitorEnabled = false }
	elsewhere := func(c *Config) { c.MonitorAddress = "127.0.0.1:0" }
	moved := func(c *Config) { c.HealthPath, c.MetricsPath = "/status", "/internal/metrics" }
	main := (*Server).Handler
	rows := []struct {
		name, method, target string
		change               func(*Config)
		handler              func(*Server) http.Handler
		status               int
		route                string
	}{
		{"live", "GET", "/health/live", nil, main, 200, "/health/live"},
		{"not ready", "GET", "/health/ready", nil, main, 503, "/health/ready"},
		{"unknown child", "GET", "/health/x", nil, main, 404, "unmatched"},
		{"post", "POST", "/health", nil, main, 405, "/health"},
		{"head", "HEAD", "/health/live", nil, main, 200, "/health/live"},
		{"metrics", "GET", "/metrics", nil, main, 200, "/metrics"},
		{"below metrics", "GET", "/metrics/x", nil, main, 404, "unmatched"},
		{"below metrics in disguise", "POST", "/%6detrics/", nil, main, 404, "unmatched"},
		{"no more than a prefix of health", "GET", "/healthy", nil, main, 200, "/*"},
		{"no more than a prefix of metrics", "GET", "/metrics2/x", nil, main, 200, "/*"},
		{"below metrics elsewhere", "GET", "/metrics/x", elsewhere, main, 200, "/*"},
		{"below moved metrics", "GET", "/internal/metrics/x", moved, main, 404, "unmatched"},
		{"beside moved metrics", "GET", "/internal/x", moved, main, 200, "/*"},
		{"switched off, below metrics", "GET", "/metrics/x", quiet, main, 200, "/*"},
		{"switched off", "GET", "/health/live", quiet, main, 200, "/*"},
		{"metrics elsewhere", "GET", "/metrics", elsewhere, main, 200, "/*"},
		{"metrics on their own listener", "GET", "/metrics", elsewhere, (*Server).Monitor, 200, "/metrics"},
		{"nothing else there", "GET", "/x", elsewhere, (*Server).Monitor, 404, "unmatched"},
		{"no API there", "GET", "/api/admin/workflows", elsewhere, (*Server).Monitor, 404, "unmatched"},
		{"moved health", "GET", "/status/live", moved, main, 200, "/status/live"},
		{"moved metrics", "GET", "/internal/metrics", moved, main, 200, "/internal/metrics"},
		{"the old place is free", "GET", "/metrics", moved, main, 200, "/*"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.ready = false
			rec := httptest.NewRecorder()
			row.handler(w.server(t, row.change)).ServeHTTP(rec, httptest.NewRequest(row.method, row.target, nil))
			wantStatus(t, rec, row.status)
			if got := w.requests()[0].route; got != row.route {
				t.Errorf("route %s, want %s", got, row.route)
			}
			if row.route == "/metrics" && rec.Body.String() != "nflow_up 1\n" {
				t.Errorf("metrics %q", rec.Body)
			}
			if row.method == "HEAD" && rec.Body.Len() > 0 {
				t.Errorf("HEAD with a body")
			}
		})
	}
}

func TestDebugHandler(t *testing.T) {
	deps := newWorld().deps()
	deps.Debug = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	s, err := New(deps, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, ask(s, "GET", "/debug/info", ""), http.StatusTeapot)
	wantStatus(t, newWorld().do(t, "GET", "/debug/info", ""), 404)
}
