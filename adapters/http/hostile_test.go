package http

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// dial opens a raw connection that the test writes to as it likes.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { conn.Close() })
	return conn
}

func send(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// answer reads one response, its body as text.
func answer(t *testing.T, conn net.Conn) (*http.Response, string) {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res, readAll(t, res)
}

// wantClosed fails unless the server closes the connection.
func wantClosed(t *testing.T, conn net.Conn) {
	t.Helper()
	if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Fatalf("the connection stays open: %v", err)
	}
}

func TestOversizedBodies(t *testing.T) {
	rows := []struct {
		name, head string
		chunked    bool
	}{
		{"announced", "Content-Length: 52428800\r\n", false},
		{"chunked", "Transfer-Encoding: chunked\r\n", true},
		{"announced to the API", "Authorization: Bearer run\r\nContent-Length: 52428800\r\n", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			address := w.live(t, func(c *Config) { c.MaxBodyBytes = 1 << 20 })
			target := "/x"
			if strings.Contains(row.head, "Bearer") {
				target = "/api/workflow/a"
			}
			conn := dial(t, address)
			send(t, conn, "POST "+target+" HTTP/1.1\r\nHost: h\r\n"+row.head+"\r\n")
			go func() { // fails at some point, when the server has had enough
				chunk := strings.Repeat("x", 1<<16)
				for range 800 {
					if row.chunked {
						fmt.Fprintf(conn, "%x\r\n", len(chunk))
					}
					if _, err := io.WriteString(conn, chunk+strings.Repeat("\r\n", b2i(row.chunked))); err != nil {
						return
					}
				}
			}()
			res, body := answer(t, conn)
			if res.StatusCode != 413 || !res.Close || !strings.Contains(body, `"limit":"server.max_body_bytes"`) {
				t.Errorf("%d close=%v %s", res.StatusCode, res.Close, body)
			}
			wantClosed(t, conn)
		})
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestBodyAtTheLimit(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		for extra, status := range map[int]int{0: 200, 1: 413} {
			w := newWorld()
			address := w.live(t, func(c *Config) { c.MaxBodyBytes = 100_000 })
			body := io.Reader(strings.NewReader(strings.Repeat("x", 100_000+extra)))
			if chunked {
				body = io.MultiReader(body) // hides the length
			}
			w.serve = func(_ context.Context, in *ports.Inbound) (ports.Outbound, error) {
				if len(in.Body) != 100_000 {
					t.Errorf("%d bytes arrived", len(in.Body))
				}
				return ports.Outbound{}, nil
			}
			res, err := client().Post("http://"+address+"/x", "", body)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != status {
				t.Errorf("chunked=%v extra=%d: %d", chunked, extra, res.StatusCode)
			}
		}
	}
}

func TestKeepAliveAfterARefusal(t *testing.T) {
	w := newWorld()
	conn := dial(t, w.live(t, nil))
	reader := bufio.NewReader(conn)
	for range 3 {
		send(t, conn, "POST /api/workflow/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
		res, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		if res.StatusCode != 401 || res.Close {
			t.Fatalf("%d close=%v", res.StatusCode, res.Close)
		}
	}
}

func TestSlowClients(t *testing.T) {
	rows := []struct {
		name, start, drip string
		every             time.Duration
		status            int // 0 = just closed
	}{
		{"header stops", "GET /x HTTP/1.1\r\nHo", "", 0, 0},
		{"header drips", "GET /x HTTP/1.1\r\nX: ", "a", 30 * time.Millisecond, 0},
		{"nothing at all", "", "", 0, 0},
		{"body stops", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab", "", 0, 408},
		{"body never begins", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n", "", 0, 408},
		{"body drips", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n", "a", 30 * time.Millisecond, 408},
		{"chunks drip", "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", 30 * time.Millisecond, 408},
		{"refused body stops", "POST /api/workflow/a HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab", "", 0, 401},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			conn := dial(t, w.live(t, func(c *Config) {
				c.ReadHeaderTimeout, c.StallTimeout, c.ReadTimeout = 200*time.Millisecond, 200*time.Millisecond, 600*time.Millisecond
			}))
			send(t, conn, row.start)
			if row.drip != "" {
				stop := make(chan struct{})
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					tick := time.NewTicker(row.every)
					defer tick.Stop()
					for {
						select {
						case <-stop:
							return
						case <-tick.C:
							if _, err := io.WriteString(conn, row.drip); err != nil {
								return
							}
						}
					}
				}()
				defer func() { close(stop); <-ended }()
			}
			began := time.Now()
			if row.status != 0 {
				if res, body := answer(t, conn); res.StatusCode != row.status {
					t.Errorf("%d %s", res.StatusCode, body)
				}
			}
			wantClosed(t, conn)
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("it took %s to get rid of the client", took)
			}
		})
	}
}

func TestSlowButSteadyBodyIsTaken(t *testing.T) {
	w := newWorld()
	conn := dial(t, w.live(t, func(c *Config) { c.StallTimeout = 200 * time.Millisecond }))
	send(t, conn, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n")
	for range 8 {
		time.Sleep(60 * time.Millisecond)
		send(t, conn, "a")
	}
	if res, body := answer(t, conn); res.StatusCode != 200 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestLongRunOutlivesEveryTimeout(t *testing.T) {
	w := newWorld()
	w.serve = func(ctx context.Context, _ *ports.Inbound) (ports.Outbound, error) {
		select {
		case <-ctx.Done():
			t.Errorf("the run was cancelled: %v", context.Cause(ctx))
		case <-time.After(500 * time.Millisecond):
		}
		return ports.Outbound{}, nil
	}
	address := w.live(t, func(c *Config) {
		short := 100 * time.Millisecond
		c.ReadHeaderTimeout, c.ReadTimeout, c.StallTimeout, c.WriteTimeout = short, short, short, short
		c.IdleTimeout, c.RequestTimeout = short, short
	})
	conn := dial(t, address)
	send(t, conn, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")
	if res, _ := answer(t, conn); res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
}

func TestClientThatNeverReadsIsCut(t *testing.T) {
	w := newWorld()
	w.answer(node.Reply{Status: 200, Body: make([]byte, 64<<20)})
	conn := dial(t, w.live(t, func(c *Config) { c.WriteTimeout = 200 * time.Millisecond }))
	send(t, conn, "GET /x HTTP/1.1\r\nHost: h\r\n\r\n")
	w.wait(t)
}

// wait returns once a request was answered or given up.
func (w *world) wait(t *testing.T) requestDone {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); len(w.requests()) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request never ended")
		}
	}
	return w.requests()[0]
}

func TestHangUpCancelsTheRun(t *testing.T) {
	rows := []struct{ name, request string }{
		{"without a body", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"with a body", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			running, cancelled := make(chan struct{}), make(chan struct{})
			w.serve = func(ctx context.Context, _ *ports.Inbound) (ports.Outbound, error) {
				close(running)
				<-ctx.Done()
				close(cancelled)
				return ports.Outbound{}, ctx.Err()
			}
			conn := dial(t, w.live(t, nil))
			send(t, conn, row.request)
			<-running
			conn.Close()
			select {
			case <-cancelled:
			case <-time.After(5 * time.Second):
				t.Fatal("the run goes on")
			}
		})
	}
}

func TestHangUpDuringTheBody(t *testing.T) {
	w := newWorld()
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		t.Error("a run began with half a body")
		return ports.Outbound{}, nil
	}
	conn := dial(t, w.live(t, nil))
	send(t, conn, "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nab")
	conn.Close()
	if got := w.wait(t); got.status != 499 {
		t.Errorf("observed %v", got)
	}
}

func TestMalformedRequests(t *testing.T) {
	rows := []struct {
		name, request string
		status        int
	}{
		{"broken chunks", "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
		{"raw null byte in the path", "GET /a\x00b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"escaped null byte", "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"bad escape", "GET /a%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
		{"no host", "GET /x HTTP/1.1\r\n\r\n", 400},
		{"two lengths", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		{"negative length", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
		{"huge header", "GET /x HTTP/1.1\r\nHost: h\r\nX: " + strings.Repeat("a", 1<<17) + "\r\n\r\n", 431},
		{"connect", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 405},
		{"absolute form without a path", "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", 200},
		{"not HTTP", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.serve = func(_ context.Context, in *ports.Inbound) (ports.Outbound, error) {
				if row.status != 200 || in.Path != "/" {
					t.Errorf("the workflow saw %q", in.Path)
				}
				return ports.Outbound{}, nil
			}
			conn := dial(t, w.live(t, nil))
			go io.WriteString(conn, row.request) // the server may hang up halfway
			if res, body := answer(t, conn); res.StatusCode != row.status {
				t.Errorf("%d %s", res.StatusCode, body)
			}
		})
	}
}

func TestPipelinedRequestsAreNotMistakenForHangUps(t *testing.T) {
	w := newWorld()
	conn := dial(t, w.live(t, nil))
	send(t, conn, strings.Repeat("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab", 3))
	reader := bufio.NewReader(conn)
	for i := range 3 {
		res, err := http.ReadResponse(reader, nil)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("answer %d: %v %v", i, res, err)
		}
		io.Copy(io.Discard, res.Body)
	}
}
