package http

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestDoorkeeperSeesClientAndPath(t *testing.T) {
	rows := []struct{ name, target, client, path string }{
		{"plain", "/a/b?x=1", "198.51.100.7", "/a/b"},
		{"escaped letters", "/caf%C3%A9/%61", "198.51.100.7", "/café/a"},
		{"an escaped slash is none", "/health%2F..%2Fx", "198.51.100.7", "/health%2F..%2Fx"},
		{"dots stay", "/health/../x", "198.51.100.7", "/health/../x"},
		{"the API", "/api/admin/runs", "198.51.100.7", "/api/admin/runs"},
		{"health", "/health/live", "198.51.100.7", "/health/live"},
		{"metrics", "/metrics", "198.51.100.7", "/metrics"},
		{"debug", "/debug/x", "198.51.100.7", "/debug/x"},
		{"nothing that excludes", "/health/%00", "198.51.100.7", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w, asked := newWorld(), 0
			w.door = doorman(func(client, path string) (policy.Allowance, error) {
				asked++
				if client != row.client || path != row.path {
					t.Errorf("asked for %q at %q, want %q at %q", client, path, row.client, row.path)
				}
				return policy.Allowance{}, nil
			})
			s := w.server(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} })
			ask(s, "GET", row.target, "", "X-Forwarded-For: 6.6.6.6, 198.51.100.7")
			if asked != 1 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

func TestMonitorHasNoDoor(t *testing.T) {
	w := newWorld()
	w.door = doorman(func(string, string) (policy.Allowance, error) {
		t.Error("the monitor's listener asks the doorkeeper")
		return policy.Allowance{}, nil
	})
	s := w.server(t, func(c *Config) { c.MonitorAddress = "127.0.0.1:0" })
	rec := httptest.NewRecorder()
	s.Monitor().ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	wantStatus(t, rec, 200)
}

func TestARefusalReadsNothing(t *testing.T) {
	w := newWorld()
	w.door = shut(time.Second)
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		t.Error("a refused request reached the workflows")
		return ports.Outbound{}, nil
	}
	s := w.server(t, nil)
	for _, target := range []string{"/x", "/api/workflow/a", "/debug/x"} {
		r := httptest.NewRequest("POST", target, io.NopCloser(untouchable{t}))
		rec := httptest.NewRecorder()
		s.Handler().ServeHTTP(rec, r)
		wantStatus(t, rec, 429)
	}
	if got := w.requests()[0].route; got != doorRoute {
		t.Errorf("metrics call it %s", got)
	}
	if strings.Contains(w.log(), "level=WARN") || strings.Contains(w.log(), "level=ERROR") {
		t.Errorf("every refusal is told to the operator:\n%s", w.log())
	}
}

// A client that is refused keeps its connection as long as that costs nothing.
func TestConnectionsOfTheRefused(t *testing.T) {
	rows := []struct {
		name, request string
		stays         bool
	}{
		{"without a body", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n", true},
		{"short body", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", true},
		{"the longest that is read", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 32768\r\n\r\n" + strings.Repeat("x", 32768), true},
		{"longer, never sent", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 32769\r\n\r\n", false},
		{"huge, never sent", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\nabc", false},
		{"chunks, never sent", "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", false},
		{"waits to be asked", "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", false},
		{"short body that stops", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.door = shut(time.Second)
			conn := dial(t, w.live(t, nil)) // reads give up after 10 s, as StallTimeout would
			reader := bufio.NewReader(conn)
			for range 3 {
				send(t, conn, row.request)
				began := time.Now()
				res, err := http.ReadResponse(reader, nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				if res.StatusCode != 429 || err != nil || !bytes.Contains(body, []byte("limit_exceeded")) {
					t.Fatalf("%d %s %v", res.StatusCode, body, err)
				}
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("the answer took %s", took)
				}
				if res.Close == row.stays {
					t.Fatalf("close=%v", res.Close)
				}
				if !row.stays {
					wantClosed(t, conn)
					return
				}
			}
		})
	}
}

// An upload that is refused in its middle is told so, not cut off: whoever sends
// it has the answer although nobody read it.
func TestRefusedUploadGetsItsAnswer(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			w := newWorld()
			w.door = shut(time.Second)
			certFile, keyFile := pairFiles(t)
			address := w.live(t, func(c *Config) {
				c.Compression = true
				if scheme == "https" {
					c.TLSCert, c.TLSKey = certFile, keyFile
				}
			})
			client := tlsClient()
			defer client.CloseIdleConnections()
			for range 3 {
				res, err := client.Post(scheme+"://"+address+"/x", "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
				if err != nil {
					t.Fatal(err)
				}
				res.Body.Close()
				if res.StatusCode != 429 || res.Header.Get("X-RateLimit-Limit") != "100" {
					t.Errorf("%s %d %v", res.Proto, res.StatusCode, res.Header)
				}
			}
		})
	}
}
