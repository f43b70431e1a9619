package http

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func (w *world) answer(reply node.Reply) {
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		return ports.Outbound{RunID: "run-1", Reply: reply}, nil
	}
}

func TestReplies(t *testing.T) {
	body := []byte("hello")
	header := func(pairs ...string) (list []node.Header) {
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, node.Header{Name: pairs[i], Value: pairs[i+1]})
		}
		return list
	}
	rows := []struct {
		name, method string
		reply        node.Reply
		status       int
		body         string
		header       map[string]string // wanted; "" = must be missing
	}{
		{"plain", "GET", node.Reply{Status: 201, Body: body}, 201, "hello",
			map[string]string{"Content-Type": "text/plain; charset=utf-8", "Content-Length": "5", "Nflow-Wid-1": "run-1"}},
		{"own type", "GET", node.Reply{Status: 200, Body: body, Header: header("content-type", "text/html")}, 200, "hello",
			map[string]string{"Content-Type": "text/html", "X-Content-Type-Options": ""}},
		{"last type wins", "GET", node.Reply{Status: 200, Body: body, Header: header("Content-Type", "a/b", "Content-Type", "c/d")},
			200, "hello", map[string]string{"Content-Type": "c/d"}},
		{"no status", "GET", node.Reply{Body: body}, 200, "hello", nil},
		{"empty body", "GET", node.Reply{Status: 200}, 200, "", map[string]string{"Content-Length": "0", "Content-Type": ""}},
		{"head", "HEAD", node.Reply{Status: 200, Body: body}, 200, "", map[string]string{"Content-Length": "5"}},
		{"no content", "GET", node.Reply{Status: 204, Body: body}, 204, "", map[string]string{"Content-Length": ""}},
		{"not modified", "GET", node.Reply{Status: 304, Body: body}, 304, "", map[string]string{"Content-Length": ""}},
		{"redirect", "GET", node.Reply{Status: 302, Header: header("Location", "/x")}, 302, "", map[string]string{"Location": "/x"}},
		{"informational", "GET", node.Reply{Status: 101}, 500, "", map[string]string{"Content-Type": "application/problem+json"}},
		{"impossible status", "GET", node.Reply{Status: 99999}, 500, "", nil},
		{"split header", "GET", node.Reply{Status: 200, Header: header("X-A", "1\r\nSet-Cookie: evil=1\x00")}, 200, "",
			map[string]string{"X-A": "1  Set-Cookie: evil=1 ", "Set-Cookie": ""}},
		{"split name", "GET", node.Reply{Status: 200, Header: header("X-A: 1\r\nEvil", "1", "", "2")}, 200, "", map[string]string{"Evil": ""}},
		{"framing", "GET", node.Reply{Status: 200, Body: body, Header: header("content-length", "9999",
			"Transfer-Encoding", "chunked", "Connection", "close", "Trailer", "X")}, 200, "hello",
			map[string]string{"Content-Length": "5", "Transfer-Encoding": "", "Connection": "", "Trailer": ""}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.answer(row.reply)
			rec := w.do(t, row.method, "/x", "")
			wantStatus(t, rec, row.status)
			if row.status != 500 && rec.Body.String() != row.body {
				t.Errorf("body %q", rec.Body)
			}
			for name, want := range row.header {
				if got := rec.Header().Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestRepeatedHeadersStay(t *testing.T) {
	w := newWorld()
	w.answer(node.Reply{Status: 200, Header: []node.Header{{Name: "set-cookie", Value: "a=1"}, {Name: "Set-Cookie", Value: "b=2"}}})
	if got := w.do(t, "GET", "/x", "").Header()["Set-Cookie"]; len(got) != 2 {
		t.Errorf("Set-Cookie %v", got)
	}
}

func TestMethodNotAllowedOfAWorkflow(t *testing.T) {
	w := newWorld()
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		return ports.Outbound{}, methodFault("GET, POST\r\nX: y")
	}
	rec := w.do(t, "PATCH", "/x", "")
	wantStatus(t, rec, 405)
	if got := rec.Header().Get("Allow"); got != "GET, POST  X: y" {
		t.Errorf("Allow %q", got)
	}
	if strings.Contains(rec.Body.String(), `"field"`) {
		t.Errorf("body %s", rec.Body)
	}
}

func TestPanicIsContained(t *testing.T) {
	w := newWorld()
	w.serve = func(_ context.Context, in *ports.Inbound) (ports.Outbound, error) {
		if in.Path == "/boom" {
			panic("secret state")
		}
		return ports.Outbound{}, nil
	}
	base := "http://" + w.live(t, nil)
	res := get(t, base+"/boom")
	body := readAll(t, res)
	if res.StatusCode != 500 || strings.Contains(body, "secret") || !strings.Contains(body, `"code":"internal"`) {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	if !strings.Contains(w.log(), "secret state") || !strings.Contains(w.log(), "outbound_test.go") {
		t.Errorf("no stack in the log: %s", w.log())
	}
	if res := get(t, base+"/fine"); res.StatusCode != 200 {
		t.Errorf("afterwards: %d", res.StatusCode)
	}
	if got := w.requests()[0]; got.status != 500 {
		t.Errorf("observed %v", got)
	}
}

// client keeps no connections, so that nothing is left when a test ends.
func client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

func get(t *testing.T, target string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest("GET", target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	res, err := client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func readAll(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCompression(t *testing.T) {
	long := strings.Repeat("nflow ", 1000)
	rows := []struct {
		name, accept, body string
		on                 bool
		header             []node.Header
		compressed         bool
	}{
		{"long", "gzip", long, true, nil, true},
		{"short", "gzip", "tiny", true, nil, false},
		{"client does not take it", "", long, true, nil, false},
		{"client refuses it", "gzip;q=0", long, true, nil, false},
		{"already encoded", "gzip", long, true, []node.Header{{Name: "Content-Encoding", Value: "br"}}, false},
		{"picture", "gzip", long, true, []node.Header{{Name: "Content-Type", Value: "image/jpeg"}}, false},
		{"switched off", "gzip", long, false, nil, false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.answer(node.Reply{Status: 200, Body: []byte(row.body), Header: row.header})
			base := "http://" + w.live(t, func(c *Config) { c.Compression = row.on })
			res := get(t, base+"/x", "Accept-Encoding: "+row.accept)
			if got := res.Header.Get("Content-Encoding") == "gzip"; got != row.compressed {
				t.Fatalf("headers %v", res.Header)
			}
			if !row.compressed {
				if readAll(t, res) != row.body {
					t.Error("the body changed")
				}
				return
			}
			reader, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(reader); string(b) != row.body {
				t.Errorf("the body changed: %v", err)
			}
		})
	}
}

func TestObservedRoutesAndMethodsAreBounded(t *testing.T) {
	w := newWorld()
	w.do(t, "GET", "/secret/1", "")
	w.do(t, "BREW", "/x", "")
	w.do(t, "GET", "/api/admin/nothing/here", "", bearerAdmin)
	want := []requestDone{{"GET", "/*", 200}, {"OTHER", "/*", 200}, {"GET", "unmatched", 404}}
	for i, got := range w.requests() {
		if got != want[i] {
			t.Errorf("observed %v, want %v", got, want[i])
		}
	}
}

func TestRequestIDs(t *testing.T) {
	rows := []struct {
		name, given string
		kept        bool
	}{
		{"sane", "req-1.a:b/c+d=e@f_g", true},
		{"none", "", false},
		{"too long", strings.Repeat("a", 129), false},
		{"quotes", `a"b`, false},
		{"blank", "a b", false},
	}
	seen := map[string]bool{}
	w := newWorld()
	s := w.server(t, nil)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			rec := ask(s, "GET", "/x", "", "X-Request-Id: "+row.given)
			got := rec.Header().Get("X-Request-Id")
			if (got == row.given) != row.kept || got == "" || seen[got] {
				t.Errorf("id %q", got)
			}
			seen[got] = true
			if !strings.Contains(w.log(), got) {
				t.Errorf("the log lacks %s: %s", got, w.log())
			}
		})
	}
}

func TestAccessLogHidesTheQuery(t *testing.T) {
	w := newWorld()
	w.do(t, "GET", "/x?token=hunter2", "")
	log := w.log()
	for _, part := range []string{"method=GET", "route=/*", "path=/x", "status=200", "bytes=2", "ip=192.0.2.1", "run_id=run-1", "ms="} {
		if !strings.Contains(log, part) {
			t.Errorf("%s is missing in %s", part, log)
		}
	}
	if strings.Contains(log, "hunter2") {
		t.Errorf("the query is in the log: %s", log)
	}
}

func TestClientGoneIsNotAnswered(t *testing.T) {
	w := newWorld()
	s := w.server(t, nil)
	ctx, cancel := context.WithCancel(context.Background())
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		cancel()
		return ports.Outbound{}, errors.New("whatever comes of it")
	}
	defer func() {
		if cause := recover(); cause != any(http.ErrAbortHandler) {
			t.Errorf("recovered %v", cause)
		}
		if got := w.requests()[0]; got.status != 499 {
			t.Errorf("observed %v", got)
		}
	}()
	rec, r := newPair("GET", "/x")
	s.Handler().ServeHTTP(rec, r.WithContext(ctx))
}
