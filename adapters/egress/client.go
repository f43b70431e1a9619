package egress

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.HTTPClient = (*Client)(nil)

// Config says where and how to call. Only Policy has no default: its zero value
// permits every public address.
type Config struct {
	Policy    policy.Egress
	UserAgent string // default "nflow-runtime"

	MaxRedirects    int           // default 10
	DialTimeout     time.Duration // name lookup and connecting; default 10 s
	DefaultTimeout  time.Duration // of a try whose request sets none; default 30 s
	DefaultMaxBytes int           // of a body whose request sets none; default 16 MiB
	MaxHeaderBytes  int64         // of an answer's header; default 256 KiB

	MaxIdleConns        int           // kept for later calls; default 256
	MaxIdleConnsPerHost int           // default 32
	MaxConnsPerHost     int           // default 0, no bound
	IdleTimeout         time.Duration // default 90 s

	MaxRetries    int           // most a request may ask for; default 10
	RetryBase     time.Duration // pause before the first retry, doubled each time; default 200 ms
	RetryMax      time.Duration // longest pause; default 10 s
	MaxRetryAfter time.Duration // longest Retry-After that is waited for; default 30 s

	RootCAs  *x509.CertPool // nil = the system's
	Resolver *net.Resolver  // nil = the system's
}

func (c Config) withDefaults() Config {
	if c.UserAgent == "" {
		c.UserAgent = "nflow-runtime"
	}
	c.MaxRedirects = or(c.MaxRedirects, 10)
	c.DialTimeout = or(c.DialTimeout, 10*time.Second)
	c.DefaultTimeout = or(c.DefaultTimeout, 30*time.Second)
	c.DefaultMaxBytes = or(c.DefaultMaxBytes, 16<<20)
	c.MaxHeaderBytes = or(c.MaxHeaderBytes, 256<<10)
	c.MaxIdleConns = or(c.MaxIdleConns, 256)
	c.MaxIdleConnsPerHost = or(c.MaxIdleConnsPerHost, 32)
	c.IdleTimeout = or(c.IdleTimeout, 90*time.Second)
	c.MaxRetries = or(c.MaxRetries, 10)
	c.RetryBase = or(c.RetryBase, 200*time.Millisecond)
	c.RetryMax = or(c.RetryMax, 10*time.Second)
	c.MaxRetryAfter = or(c.MaxRetryAfter, 30*time.Second)
	return c
}

func or[T int | int64 | time.Duration](n, fallback T) T {
	if n > 0 {
		return n
	}
	return fallback
}

// Client calls HTTP servers; it keeps connections for later calls.
type Client struct {
	cfg       Config
	transport *http.Transport
	http      *http.Client
}

// New returns a client; Close it when done.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg.withDefaults()}
	c.transport = c.newTransport()
	c.http = &http.Client{Transport: c.transport, CheckRedirect: c.checkRedirect}
	return c
}

// Close drops the idle connections; it never fails.
func (c *Client) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

// Do calls a server, see ports.HTTPClient. A body over its bound is
// limit_exceeded with limit limits.max_response_bytes. Retries repeat GET, HEAD, PUT,
// DELETE and OPTIONS when the server could not be reached or did not answer in
// time, and on the statuses 502, 503, 504, and 429 with Retry-After; the last
// answer is returned as it is.
func (c *Client) Do(ctx context.Context, r node.HTTPRequest) (node.HTTPResult, error) {
	call, err := c.prepare(r)
	if err != nil {
		return node.HTTPResult{}, err
	}
	for try := 0; ; try++ {
		if ctx.Err() != nil {
			return node.HTTPResult{}, cancelled(ctx)
		}
		result, err := c.try(ctx, call)
		if try >= call.retries || !worthRepeating(result, err) {
			return result, err
		}
		pause, ok := c.pause(try, result)
		if !ok || !wait(ctx, pause) {
			if ctx.Err() != nil {
				return node.HTTPResult{}, cancelled(ctx)
			}
			return result, err
		}
	}
}
