package egress_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/egress"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func TestRetries(t *testing.T) {
	for _, tt := range []struct {
		name, method string
		header       http.Header
		failures     int // answers 503 so often, then 200
		status       int
		retries      int
		wantTries    int
		wantStatus   int
	}{
		{"GET recovers", "GET", nil, 2, 503, 3, 3, 200},
		{"PUT recovers", "PUT", nil, 1, 502, 3, 2, 200},
		{"gives the last answer", "DELETE", nil, 9, 504, 2, 3, 504},
		{"POST is never repeated", "POST", nil, 9, 503, 3, 1, 503},
		{"PATCH is never repeated", "PATCH", nil, 9, 503, 3, 1, 503},
		{"none asked for", "GET", nil, 9, 503, 0, 1, 503},
		{"500 is an answer", "GET", nil, 9, 500, 3, 1, 500},
		{"too many requests", "GET", nil, 9, 429, 3, 1, 429},
		{"too many requests with advice", "GET", http.Header{"Retry-After": {"0"}}, 2, 429, 3, 3, 200},
		{"advice beyond patience", "GET", http.Header{"Retry-After": {"3600"}}, 9, 503, 3, 1, 503},
		{"advice as a date gone by", "GET", http.Header{"Retry-After": {"Mon, 15 Jan 2024 10:30:45 GMT"}}, 1, 503, 3, 2, 200},
		{"advice nobody understands", "GET", http.Header{"Retry-After": {"soon"}}, 1, 503, 3, 2, 200},
		{"more than allowed", "GET", nil, 99, 503, 1000, 11, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var tries atomic.Int32
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if body := make([]byte, 9); r.Method == "PUT" {
					if n, _ := r.Body.Read(body); string(body[:n]) != "body" {
						t.Errorf("try %d sent %q", tries.Load(), body[:n])
					}
				}
				if int(tries.Add(1)) <= tt.failures {
					for k, v := range tt.header {
						w.Header()[k] = v
					}
					w.WriteHeader(tt.status)
				}
			})
			c := newClient(t, egress.Config{Policy: rules(t, nil, nil, true), RetryBase: time.Millisecond, RetryMax: 5 * time.Millisecond})
			r, err := c.Do(t.Context(), node.HTTPRequest{Method: tt.method, URL: s.URL, Body: []byte("body"), Retries: tt.retries})
			if err != nil || r.Status != tt.wantStatus || int(tries.Load()) != tt.wantTries {
				t.Errorf("status %d after %d tries, %v; want %d after %d", r.Status, tries.Load(), err, tt.wantStatus, tt.wantTries)
			}
		})
	}
}

func TestBrokenConnectionsAreTriedAgain(t *testing.T) {
	var tries atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) {
		if tries.Add(1) < 3 {
			panic(http.ErrAbortHandler)
		}
	})
	for method, want := range map[string]int32{"GET": 3, "POST": 1} {
		tries.Store(0)
		_, err := local(t).Do(t.Context(), node.HTTPRequest{Method: method, URL: s.URL, Retries: 5})
		if tries.Load() != want || (err == nil) != (method == "GET") {
			t.Errorf("%s: %d tries, %v", method, tries.Load(), err)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	s := serve(t, nil)
	s.Close()
	_, err := local(t).Do(t.Context(), get(s.URL))
	if f := wantCode(t, err, fault.Upstream); f.Message != s.URL+" refused the connection" {
		t.Error(f.Message)
	}
}

func TestUnknownNamesAreNotTriedAgain(t *testing.T) {
	c := newClient(t, egress.Config{Policy: rules(t, nil, nil, true), Resolver: names(t, nil), RetryBase: time.Hour, RetryMax: time.Hour})
	_, err := c.Do(t.Context(), node.HTTPRequest{URL: "http://nobody.example", Retries: 3})
	if f := wantCode(t, err, fault.Upstream); !strings.Contains(f.Message, "cannot be resolved") {
		t.Error(f.Message)
	}
}

func TestTimeoutIsForEachTry(t *testing.T) {
	var tries atomic.Int32
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if tries.Add(1) < 3 {
			<-r.Context().Done()
		}
	})
	c := local(t)
	started := time.Now()
	_, err := c.Do(t.Context(), node.HTTPRequest{Method: "POST", URL: s.URL, Timeout: 50 * time.Millisecond})
	wantCode(t, err, fault.UpstreamTimeout)
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if _, err := c.Do(t.Context(), node.HTTPRequest{URL: s.URL, Timeout: 50 * time.Millisecond, Retries: 2}); err != nil {
		t.Error(err)
	}
}

func TestASlowBodyTimesOut(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	_, err := local(t).Do(t.Context(), node.HTTPRequest{URL: s.URL, Timeout: 50 * time.Millisecond})
	wantCode(t, err, fault.UpstreamTimeout)
}

func TestServersThatNeverAccept(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = local(t).Do(t.Context(), node.HTTPRequest{URL: "https://" + l.Addr().String(), Timeout: 50 * time.Millisecond})
	wantCode(t, err, fault.UpstreamTimeout)
}

func TestCancelling(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		<-r.Context().Done()
	})
	gone := errors.New("the client left")
	c := newClient(t, egress.Config{Policy: rules(t, nil, nil, true), RetryBase: time.Hour, RetryMax: time.Hour})
	for name, url := range map[string]string{"while waiting for the answer": s.URL, "while waiting to retry": s.URL + "/busy"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer time.AfterFunc(50*time.Millisecond, func() { cancel(gone) }).Stop()
			_, err := c.Do(ctx, node.HTTPRequest{URL: url, Retries: 5})
			wantCode(t, err, fault.Cancelled)
			if !errors.Is(err, gone) || !errors.Is(err, context.Canceled) {
				t.Errorf("the cause is lost: %v", err)
			}
		})
	}
	t.Run("a deadline before the next try", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r, err := c.Do(ctx, node.HTTPRequest{URL: s.URL + "/busy", Retries: 5})
		if err != nil || r.Status != 503 {
			t.Errorf("status %d, %v; want the answer at once", r.Status, err)
		}
	})
}

func TestCertificatesAreVerified(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Proto)) }))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.Close)
	_, err := local(t).Do(t.Context(), node.HTTPRequest{URL: s.URL, Retries: 3})
	if f := wantCode(t, err, fault.Upstream); !strings.Contains(f.Message, "cannot be trusted: x509:") {
		t.Error(f.Message)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c := newClient(t, egress.Config{Policy: rules(t, nil, nil, true), RootCAs: roots,
		Resolver: names(t, map[string][]string{"example.com": {"127.0.0.1"}, "wrong.example": {"127.0.0.1"}})})
	r, err := c.Do(t.Context(), get(s.URL))
	if err != nil || string(r.Body) != "HTTP/2.0" {
		t.Errorf("%q, %v", r.Body, err)
	}
	_, err = c.Do(t.Context(), get(strings.Replace(s.URL, "127.0.0.1", "wrong.example", 1)))
	if f := wantCode(t, err, fault.Upstream); !strings.Contains(f.Message, "cannot be trusted") {
		t.Error(f.Message)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c := newClient(t, egress.Config{Policy: rules(t, nil, nil, true), RootCAs: roots})
	_, err := c.Do(t.Context(), get(s.URL))
	if f := wantCode(t, err, fault.Upstream); !strings.Contains(f.Message, "1.2 or later") {
		t.Error(f.Message)
	}
}
