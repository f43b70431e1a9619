package egress_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/egress"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func rules(t testing.TB, allow, deny []string, private bool) policy.Egress {
	t.Helper()
	p, err := policy.NewEgress(allow, deny, private)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newClient(t testing.TB, cfg egress.Config) *egress.Client {
	t.Helper()
	c := egress.New(cfg)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// local is a client that may call this machine.
func local(t testing.TB) *egress.Client {
	return newClient(t, egress.Config{Policy: rules(t, nil, nil, true), RetryBase: time.Millisecond, MaxRetryAfter: time.Second})
}

func serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(url string) node.HTTPRequest { return node.HTTPRequest{Method: "GET", URL: url} }

func headerOf(r node.HTTPResult, name string) string {
	for _, h := range r.Header {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func wantCode(t *testing.T, err error, code fault.Code) *fault.Fault {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Fatalf("code %q, want %q: %v", got, code, err)
	}
	return fault.As(err)
}

// names is a DNS server on this machine. Each name has addresses that are given
// out in turn, one at a time, the last one for ever.
func names(t *testing.T, zone map[string][]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		asked := map[string]int{}
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(answer(buf[:n], zone, asked), from)
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	d := net.Dialer{}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answer answers one DNS question: A questions with the next address, AAAA
// questions with those that are IPv6, others and unknown names with no such name.
func answer(q []byte, zone map[string][]string, asked map[string]int) []byte {
	name, i := "", 12
	for i < len(q) && q[i] != 0 {
		name += string(q[i+1:i+1+int(q[i])]) + "."
		i += 1 + int(q[i])
	}
	end := i + 5
	kind := q[i+2]
	out := append([]byte{}, q[:end]...)
	out[2], out[3] = 0x81, 0x80 // an answer, recursion done
	copy(out[6:12], []byte{0, 0, 0, 0, 0, 0})
	addresses := zone[name[:max(len(name)-1, 0)]]
	if len(addresses) == 0 {
		out[3] |= 3 // no such name
		return out
	}
	addr := netip.MustParseAddr(addresses[min(asked[name], len(addresses)-1)])
	if addr.Is4() != (kind == 1) {
		return out
	}
	asked[name]++
	out[7] = 1
	raw := addr.AsSlice()
	out = append(out, 0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, byte(len(raw)))
	return append(out, raw...)
}

// canary counts who reaches it.
func canary(t *testing.T) (port string, hits *atomic.Int32) {
	t.Helper()
	hits = new(atomic.Int32)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		_, _ = w.Write([]byte("secret"))
	})
	return portOf(t, s.URL), hits
}

func portOf(t *testing.T, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := strconv.Atoi(u.Port()); err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

// quiet is for servers whose handshakes fail on purpose.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
