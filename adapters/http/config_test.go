package http

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestConfigFaults(t *testing.T) {
	rows := []struct {
		name   string
		change func(*Config)
		fields string // of the faults, in order
	}{
		{"defaults", func(*Config) {}, ""},
		{"any port", func(c *Config) { c.Address = ":0" }, ""},
		{"no port", func(c *Config) { c.Address = "localhost" }, "server.address"},
		{"port too high", func(c *Config) { c.Address = ":70000" }, "server.address"},
		{"certificate alone", func(c *Config) { c.TLSCert = "x" }, "server.tls_cert"},
		{"bad range", func(c *Config) { c.TrustedProxies = []netip.Prefix{{}} }, "server.trusted_proxies"},
		{"short key", func(c *Config) { c.CookieKey = []byte("short") }, "server.cookie_key"},
		{"cookie name", func(c *Config) { c.CookieName = "a b" }, "server.cookie_name"},
		{"relative path", func(c *Config) { c.HealthPath = "health" }, "monitor.health_check_path"},
		{"root", func(c *Config) { c.HealthPath = "/" }, "monitor.health_check_path"},
		{"variable in a path", func(c *Config) { c.MetricsPath = "/{x}" }, "monitor.metrics_path"},
		{"path of the API", func(c *Config) { c.MetricsPath = "/api/admin/metrics" }, "monitor.metrics_path"},
		{"same path", func(c *Config) { c.MetricsPath = "/health" }, "monitor.metrics_path"},
		{"below health", func(c *Config) { c.MetricsPath = "/health/live" }, "monitor.metrics_path"},
		{"all at once", func(c *Config) {
			c.Address, c.StallTimeout, c.MaxBodyBytes, c.CookieKey = "x", -time.Second, -1, nil
		}, "server.address server.stall_timeout server.max_body_bytes server.cookie_key"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			cfg := testConfig()
			row.change(&cfg)
			err := cfg.Validate()
			var fields []string
			if err != nil {
				for _, f := range faultsOf(err) {
					fields = append(fields, f.Field)
				}
			}
			if got := strings.Join(fields, " "); got != row.fields {
				t.Errorf("faults at %q, want %q: %v", got, row.fields, err)
			}
			if _, newErr := New(newWorld().deps(), cfg); (newErr == nil) != (err == nil) {
				t.Errorf("New says %v", newErr)
			}
		})
	}
}

func TestNewNamesEveryMissingDependency(t *testing.T) {
	_, err := New(Deps{}, Config{})
	if err == nil {
		t.Fatal("New took nothing at all")
	}
	for _, name := range []string{"Endpoints", "Executor", "Publisher", "Catalog", "RunLog", "Library",
		"Authenticator", "Health", "Observer", "Clock", "Metrics", "Log", "cookie key"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

func TestZeroConfigIsTheDefault(t *testing.T) {
	got := Config{}.withDefaults()
	if got.Address != "127.0.0.1:8080" || got.MaxBodyBytes != 10<<20 || got.MonitorEnabled {
		t.Errorf("got %+v", got)
	}
}
