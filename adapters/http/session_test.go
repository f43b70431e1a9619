package http

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
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

// Over https, also when a proxy ends it, the cookie is one that no other host of
// the domain can plant; over http it is a plain one, because browsers take no
// other there.
func TestSessionCookieOfSecureVisitors(t *testing.T) {
	proxy := func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} }
	rows := []struct {
		name, target string
		change       func(*Config)
		headers      []string
		cookie       string
		secure       bool
	}{
		{"http", "http://h/x", nil, nil, "nflow_session", false},
		{"https", "https://h/x", nil, nil, "__Host-nflow_session", true},
		{"behind a trusted proxy", "http://h/x", proxy, []string{"X-Forwarded-Proto: https"}, "__Host-nflow_session", true},
		{"http to a trusted proxy", "http://h/x", proxy, []string{"X-Forwarded-Proto: http"}, "nflow_session", false},
		{"behind nobody", "http://h/x", nil, []string{"X-Forwarded-Proto: https"}, "nflow_session", false},
		{"a name that has the prefix", "https://h/x", func(c *Config) { c.CookieName = "__Host-a" }, nil, "__Host-a", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			s := w.server(t, row.change)
			change := ports.SessionChange{Changed: true, ID: "sid-1", MaxAge: 60}
			id, header := "", ""
			w.serve = func(_ context.Context, in *ports.Inbound) (ports.Outbound, error) {
				id, header = in.SessionID, http.Header(in.Header).Get("Cookie")
				return ports.Outbound{Session: change}, nil
			}
			visit := func(headers ...string) *http.Cookie {
				t.Helper()
				cookies := ask(s, "GET", row.target, "", append(headers, row.headers...)...).Result().Cookies()
				if len(cookies) != 1 {
					t.Fatalf("cookies %v", cookies)
				}
				return cookies[0]
			}
			c := visit()
			if c.Name != row.cookie || c.Secure != row.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("cookie %v", c)
			}
			visit("Cookie: nflow_session=planted; __Host-nflow_session=planted; " + c.Name + "=" + c.Value + "; b=2")
			if id != "sid-1" {
				t.Errorf("the cookie reads as %q", id)
			}
			if row.change == nil && header != "b=2" {
				t.Errorf("scripts see %q", header)
			}
			other := "__Host-nflow_session"
			if c.Name == other {
				other = "nflow_session"
			}
			if visit("Cookie: " + other + "=" + c.Value); id != "" {
				t.Error("the value counts under another name, too")
			}
			change = ports.SessionChange{Changed: true}
			if gone := visit("Cookie: " + c.Name + "=" + c.Value); gone.Name != row.cookie || gone.Value != "" || gone.MaxAge != -1 || gone.Path != "/" || gone.Secure != row.secure {
				t.Errorf("logging out sends %v", gone)
			}
		})
	}
}
