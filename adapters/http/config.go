package http

import (
	"net/netip"
	"time"
)

// Config is how the server behaves. A zero number, duration or name means its
// default.
type Config struct {
	// Address is host:port to listen on. Default 127.0.0.1:8080.
	Address string
	// TLSCert and TLSKey are PEM files; both or none. They are read again when
	// they change on disk. With them the server speaks TLS 1.2 or later and HTTP/2.
	TLSCert, TLSKey string
	// TrustedProxies are the peers whose X-Forwarded-For and X-Forwarded-Proto
	// count. Default none.
	TrustedProxies []netip.Prefix
	// MaxBodyBytes bounds the body of a request. Default 10 MiB.
	MaxBodyBytes int64
	// MaxFormParts bounds the fields and files of a form body. Default 1,000.
	MaxFormParts int
	// Compression answers in gzip to clients that take it, from 1 KiB on.
	Compression bool

	// ReadHeaderTimeout bounds the TLS handshake and reading the header. Default 10s.
	ReadHeaderTimeout time.Duration
	// ReadTimeout bounds reading a whole body, measured from the end of the
	// header. Default 2m.
	ReadTimeout time.Duration
	// StallTimeout bounds each pause while a body arrives. Default 10s.
	StallTimeout time.Duration
	// WriteTimeout bounds writing one answer, measured from the moment it is
	// ready: however long a run takes, it is not cut by it. Default 2m.
	WriteTimeout time.Duration
	// IdleTimeout is how long a kept-alive connection may rest. Default 2m.
	IdleTimeout time.Duration
	// RequestTimeout bounds calls of the fixed API, except running a workflow,
	// which its own limits bound. Default 30s.
	RequestTimeout time.Duration
	// ShutdownTimeout is how long requests in flight may take to finish once the
	// server stops; then they are cancelled and answered 503. Default 30s.
	ShutdownTimeout time.Duration
	// MaxHeaderBytes bounds the request line and header. Default 64 KiB.
	MaxHeaderBytes int

	// CookieKey signs the session cookie, at least 32 bytes. Required; all
	// instances of an installation share it.
	CookieKey []byte
	// CookieName is the name of the session cookie. Default nflow_session.
	CookieName string

	// CrossOrigin bounds what other sites can do with a visitor's session.
	CrossOrigin CrossOrigin
	// NoRetryAfter leaves Retry-After out of refusals of callers that came too
	// often.
	NoRetryAfter bool

	// MonitorEnabled serves HealthPath and MetricsPath.
	MonitorEnabled bool
	// HealthPath also has the children /live and /ready. Default /health.
	HealthPath string
	// MetricsPath defaults to /metrics.
	MetricsPath string
	// MonitorAddress is host:port of a listener of its own for ServeMonitor, which
	// then serves MetricsPath instead of Address. Default none.
	MonitorAddress string
}

func (c Config) withDefaults() Config {
	defaulted(&c.Address, "127.0.0.1:8080")
	defaulted(&c.MaxBodyBytes, 10<<20)
	defaulted(&c.MaxFormParts, 1000)
	defaulted(&c.ReadHeaderTimeout, 10*time.Second)
	defaulted(&c.ReadTimeout, 2*time.Minute)
	defaulted(&c.StallTimeout, 10*time.Second)
	defaulted(&c.WriteTimeout, 2*time.Minute)
	defaulted(&c.IdleTimeout, 2*time.Minute)
	defaulted(&c.RequestTimeout, 30*time.Second)
	defaulted(&c.ShutdownTimeout, 30*time.Second)
	defaulted(&c.MaxHeaderBytes, 64<<10)
	defaulted(&c.CookieName, "nflow_session")
	defaulted(&c.HealthPath, "/health")
	defaulted(&c.MetricsPath, "/metrics")
	return c
}

func defaulted[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
