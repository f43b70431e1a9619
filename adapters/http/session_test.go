package http

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func methodFault(allow string) error {
	return fault.New(fault.MethodNotAllowed, "no").AtField(allow)
}

func newPair(method, target string) (*httptest.ResponseRecorder, *http.Request) {
	return httptest.NewRecorder(), httptest.NewRequest(method, target, nil)
}

// visit makes a workflow change the session and returns the cookie it set.
func (w *world) visit(t *testing.T, s *Server, change ports.SessionChange, target string) *http.Cookie {
	t.Helper()
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		return ports.Outbound{Session: change}, nil
	}
	cookies := ask(s, "GET", target, "").Result().Cookies()
	if len(cookies) != 1 {
		t.Fatalf("cookies %v", cookies)
	}
	return cookies[0]
}

// sessionOf says which session and Cookie header a workflow sees.
func (w *world) sessionOf(s *Server, cookie string) (id, header string) {
	w.serve = func(_ context.Context, in *ports.Inbound) (ports.Outbound, error) {
		id, header = in.SessionID, http.Header(in.Header).Get("Cookie")
		return ports.Outbound{}, nil
	}
	ask(s, "GET", "/x", "", "Cookie: "+cookie)
	return id, header
}

func TestSessionCookie(t *testing.T) {
	w := newWorld()
	s := w.server(t, nil)
	c := w.visit(t, s, ports.SessionChange{Changed: true, ID: "sid-1", MaxAge: 3600}, "/x")
	if c.Name != "nflow_session" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 3600 || c.Secure {
		t.Errorf("cookie %v", c)
	}
	id, header := w.sessionOf(s, "a=1; "+c.Name+"="+c.Value+"; b=\"2\"")
	if id != "sid-1" || header != `a=1; b="2"` {
		t.Errorf("id %q header %q", id, header)
	}
	if id, _ := w.sessionOf(s, c.Name+"=forged; "+c.Name+"="+c.Value); id != "sid-1" {
		t.Errorf("a planted cookie hides the real one: %q", id)
	}
	w.now = w.now.Add(time.Hour)
	if id, header := w.sessionOf(s, c.Name+"="+c.Value); id != "" || header != "" {
		t.Errorf("an expired cookie reads as %q, header %q", id, header)
	}
}

func TestSessionCookieVariants(t *testing.T) {
	w := newWorld()
	s := w.server(t, nil)
	if c := w.visit(t, s, ports.SessionChange{Changed: true, ID: "s", MaxAge: 60}, "https://example.com/x"); !c.Secure {
		t.Errorf("not secure under https: %v", c)
	}
	if c := w.visit(t, s, ports.SessionChange{Changed: true}, "/x"); c.Value != "" || c.MaxAge != -1 {
		t.Errorf("not removed: %v", c)
	}
	c := w.visit(t, s, ports.SessionChange{Changed: true, ID: "s"}, "/x")
	w.now = w.now.AddDate(1, 0, 0)
	if id, _ := w.sessionOf(s, c.Name+"="+c.Value); c.MaxAge != 0 || id != "s" {
		t.Errorf("a cookie of the browser's session: %v reads as %q", c, id)
	}
}

func TestForgedCookies(t *testing.T) {
	w := newWorld()
	s := w.server(t, nil)
	good := w.visit(t, s, ports.SessionChange{Changed: true, ID: "sid-1", MaxAge: 60}, "/x").Value
	other := w.server(t, func(c *Config) { c.CookieKey = []byte(strings.Repeat("x", 32)) })
	foreign := w.visit(t, other, ports.SessionChange{Changed: true, ID: "sid-1", MaxAge: 60}, "/x").Value
	flipped := []byte(good)
	flipped[len(flipped)/2] ^= 1
	for name, value := range map[string]string{
		"plain id": "sid-1", "empty": "", "flipped": string(flipped), "cut": good[:len(good)-4],
		"another key": foreign, "huge": strings.Repeat("A", 60_000), "binary": "\x01\xff",
	} {
		t.Run(name, func(t *testing.T) {
			if id, _ := w.sessionOf(s, "nflow_session="+value); id != "" {
				t.Errorf("reads as %q", id)
			}
		})
	}
}

func TestSessionCookieSurvivesAFailedRun(t *testing.T) {
	w := newWorld()
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		return ports.Outbound{Session: ports.SessionChange{Changed: true, ID: "s"}}, fault.New(fault.ScriptFailed, "x")
	}
	rec := w.do(t, "GET", "/x", "")
	wantStatus(t, rec, 500)
	if len(rec.Result().Cookies()) != 1 {
		t.Errorf("cookies %v", rec.Result().Cookies())
	}
}
