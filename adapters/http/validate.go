package http

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// minCookieKey is the shortest key that is as strong as the HMAC it feeds.
const minCookieKey = 32

// Validate returns every fault of the configuration, defaults applied, as a
// fault.List of code invalid whose fields are keys of the configuration file;
// nil when there is none.
func (c Config) Validate() error {
	c = c.withDefaults()
	var faults fault.List
	bad := func(field, format string, args ...any) {
		faults.Add(fault.New(fault.Invalid, format, args...).AtField(field))
	}
	checkAddress(c.Address, bad)
	if (c.TLSCert == "") != (c.TLSKey == "") {
		bad("server.tls_cert", "tls_cert and tls_key go together; set both or none")
	}
	for i, prefix := range c.TrustedProxies {
		if !prefix.IsValid() {
			bad("server.trusted_proxies", "entry %d is not an address range", i+1)
		}
	}
	checkPositive(c, bad)
	if len(c.CookieKey) < minCookieKey {
		bad("server.cookie_key", "the cookie key has %d bytes; it needs at least %d", len(c.CookieKey), minCookieKey)
	}
	if !isToken(c.CookieName) {
		bad("server.cookie_name", "%q cannot be the name of a cookie", c.CookieName)
	}
	if _, err := newOrigins(c.CrossOrigin); err != nil {
		faults.Add(fault.As(err))
	}
	checkMonitorPath("monitor.health_check_path", c.HealthPath, bad)
	checkMonitorPath("monitor.metrics_path", c.MetricsPath, bad)
	if c.MetricsPath == c.HealthPath || strings.HasPrefix(c.MetricsPath, c.HealthPath+"/") {
		bad("monitor.metrics_path", "metrics and health checks cannot share the path %s", c.MetricsPath)
	}
	return faults.Err()
}

type complain func(field, format string, args ...any)

func checkAddress(address string, bad complain) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		bad("server.address", "%q is not host:port", address)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		bad("server.address", "%q is not a port between 0 and 65535", port)
	}
}

func checkPositive(c Config, bad complain) {
	for _, d := range []struct {
		field string
		value time.Duration
	}{
		{"server.read_header_timeout", c.ReadHeaderTimeout},
		{"server.read_timeout", c.ReadTimeout},
		{"server.stall_timeout", c.StallTimeout},
		{"server.write_timeout", c.WriteTimeout},
		{"server.idle_timeout", c.IdleTimeout},
		{"server.request_timeout", c.RequestTimeout},
		{"server.shutdown_timeout", c.ShutdownTimeout},
	} {
		if d.value < 0 {
			bad(d.field, "%s is negative", d.value)
		}
	}
	for _, n := range []struct {
		field string
		value int64
	}{
		{"server.max_body_bytes", c.MaxBodyBytes},
		{"server.max_form_parts", int64(c.MaxFormParts)},
		{"server.max_header_bytes", int64(c.MaxHeaderBytes)},
	} {
		if n.value < 0 {
			bad(n.field, "%d is negative", n.value)
		}
	}
}

// checkMonitorPath takes only characters that need no escaping, so that a path
// has one spelling and nothing in it can be read as a route variable.
func checkMonitorPath(field, path string, bad complain) {
	plain := strings.HasPrefix(path, "/") && len(path) > 1 && !strings.HasSuffix(path, "/")
	for _, c := range []byte(path) {
		plain = plain && (isAlphanumeric(c) || strings.IndexByte("/-_.~", c) >= 0)
	}
	switch {
	case !plain:
		bad(field, "%q is not a path such as /health", path)
	case reservedAPI(path):
		bad(field, "%s belongs to the API", path)
	}
}
