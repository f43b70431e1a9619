package wire

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"

	"github.com/arturoeanton/nflow-runtime/adapters/http"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// cookieSetting is where the key that signs session cookies is kept.
const cookieSetting = "cookie_key"

// NewServer wires the HTTP server over a runtime.
func NewServer(ctx context.Context, cfg config.Config, r *Runtime, log *slog.Logger) (*http.Server, error) {
	key, err := r.Deps.Settings.PutSettingIfAbsent(ctx, cookieSetting, r.Deps.IDs.Secret())
	if err != nil {
		return nil, err
	}
	s := cfg.Server
	monitorAddress := ""
	if port := cfg.Monitor.MetricsPort; port != "" {
		host, _, err := net.SplitHostPort(s.Address)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is not host:port", s.Address).AtField("server.address")
		}
		monitorAddress = net.JoinHostPort(host, port)
	}
	deps := http.Deps{
		Endpoints: r, Executor: r, Publisher: r, Catalog: r, RunLog: r, Authenticator: r, Health: r,
		Plugins: r, Library: r.Shelf(), Observer: r.Observer, Clock: r.Deps.Clock,
		Metrics: r.Observer.WriteMetrics, Log: log,
	}
	if cfg.RateLimit.Enabled {
		deps.Doorkeeper = r
	}
	return http.New(deps, http.Config{
		Address: s.Address, TLSCert: s.TLSCert, TLSKey: s.TLSKey, TrustedProxies: networks(s.TrustedProxies),
		MaxBodyBytes: int64(s.MaxBodyBytes), MaxFormParts: s.MaxFormParts, Compression: s.Compression,
		ReadHeaderTimeout: s.ReadHeaderTimeout, ReadTimeout: s.ReadTimeout, StallTimeout: s.StallTimeout,
		WriteTimeout: s.WriteTimeout, IdleTimeout: s.IdleTimeout, RequestTimeout: s.RequestTimeout,
		ShutdownTimeout: s.ShutdownTimeout, MaxHeaderBytes: s.MaxHeaderBytes,
		CookieKey: []byte(key), CookieName: cfg.Auth.CookieName,
		MonitorEnabled: cfg.Monitor.Enabled, HealthPath: cfg.Monitor.HealthCheckPath, MetricsPath: cfg.Monitor.MetricsPath,
		MonitorAddress: monitorAddress,
		CrossOrigin:    http.CrossOrigin{Off: !cfg.Auth.CSRFProtection, Trusted: trustedOrigins(cfg)},
		NoRetryAfter:   !cfg.RateLimit.RetryAfterHeader,
	})
}

// trustedOrigins are the sites that may act in a visitor's name: those that are
// configured, and the one that visitors themselves see.
func trustedOrigins(cfg config.Config) []string {
	trusted := slices.Clone(cfg.Auth.TrustedOrigins)
	if u, err := url.Parse(cfg.Server.URLBase); err == nil && u.Host != "" {
		trusted = append(trusted, u.Scheme+"://"+u.Host)
	}
	return trusted
}

// networks are the texts as ranges; loading the configuration checked them.
func networks(texts []string) []netip.Prefix {
	prefixes := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		if prefix, ok := config.Network(text); ok {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}
