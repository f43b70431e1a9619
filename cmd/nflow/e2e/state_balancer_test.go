//go:build linux

package e2e

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"
)

// balancer hands requests to servers in turn, each over a connection of its own.
// It asks another server only when one refuses the connection: then no request was
// sent.
type balancer struct {
	*httptest.Server

	servers []*url.URL
	next    atomic.Int64
	wire    *http.Transport
}

func balance(t *testing.T, servers ...*process) *balancer {
	t.Helper()
	b := &balancer{wire: &http.Transport{DisableKeepAlives: true}}
	for _, p := range servers {
		u, err := url.Parse(p.base)
		if err != nil {
			t.Fatal(err)
		}
		b.servers = append(b.servers, u)
	}
	b.Server = httptest.NewServer(&httputil.ReverseProxy{
		Transport: b,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetXForwarded() },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	})
	t.Cleanup(b.Close)
	return b
}

// RoundTrip implements http.RoundTripper.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	turn := b.next.Add(1)
	var err error
	for n := range int64(len(b.servers)) {
		server := b.servers[(turn+n)%int64(len(b.servers))]
		r.URL.Scheme, r.URL.Host = server.Scheme, server.Host
		r.Body = io.NopCloser(bytes.NewReader(body))
		var answer *http.Response
		answer, err = b.wire.RoundTrip(r)
		if err == nil || !errors.Is(err, syscall.ECONNREFUSED) {
			return answer, err
		}
	}
	return nil, err
}
