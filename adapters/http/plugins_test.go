package http

import (
	"context"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// plugins is a fake whose answers a test replaces.
type plugins struct {
	action func(name, action string, call ports.PluginCall) (ports.PluginResult, error)
	told   []string
}

func (p *plugins) Action(_ context.Context, name, action string, call ports.PluginCall) (ports.PluginResult, error) {
	return p.action(name, action, call)
}

func (p *plugins) Plugins() []ports.PluginInfo {
	return []ports.PluginInfo{{Name: "hello", Status: "ok"}}
}

func (p *plugins) ReloadPlugin(_ context.Context, name string) error {
	p.told = append(p.told, "reload "+name)
	return nil
}

func (p *plugins) SwitchPlugin(_ context.Context, name string, disabled bool) error {
	p.told = append(p.told, "switch "+name+map[bool]string{true: " off", false: " on"}[disabled])
	if name == "nope" {
		return fault.New(fault.NoPlugin, "none")
	}
	return nil
}

func TestPluginActionRequests(t *testing.T) {
	w := newWorld()
	p := &plugins{}
	w.plugins = p
	for _, row := range []struct {
		name, contentType, body, payload, bytes string
	}{
		{"json", "application/json; charset=utf-8", `{"a":1}`, `{"a":1}`, ""},
		{"json suffix", "application/ld+json", `[1]`, `[1]`, ""},
		{"bytes", "text/csv", "a,b", "null", "a,b"},
		{"no type", "", "a,b", "null", "a,b"},
		{"nothing", "", "", "null", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.action = func(name, action string, call ports.PluginCall) (ports.PluginResult, error) {
				r := call.Request
				if name != "hello" || action != "greet" || string(call.Payload.Bytes()) != row.payload || string(r.Body) != row.bytes {
					t.Errorf("%s.%s got %s, %q", name, action, call.Payload.Bytes(), r.Body)
				}
				if r.Query["q"][0] != "1" || r.Caller != "run-token" || r.ContentType != row.contentType {
					t.Errorf("request %+v", r)
				}
				if r.Headers["X-Plugin-A"] != "b" || r.Headers["Authorization"] != "" || r.Headers["Cookie"] != "" || r.Headers["X-Forwarded-For"] != "" {
					t.Errorf("headers %v", r.Headers)
				}
				return ports.PluginResult{Payload: payload.Text("ok")}, nil
			}
			headers := []string{"Authorization: Bearer run", "X-Plugin-A: b", "Cookie: c=d", "X-Forwarded-For: 1.2.3.4"}
			if row.contentType != "" {
				headers = append(headers, "Content-Type: "+row.contentType)
			}
			rec := w.do(t, "POST", "/api/plugin/hello/greet?q=1", row.body, headers...)
			wantStatus(t, rec, 200)
			if rec.Body.String() != `"ok"` || rec.Header().Get("Content-Type") != "application/json" {
				t.Errorf("answer %s %v", rec.Body, rec.Header())
			}
		})
	}
}

func TestPluginActionAnswers(t *testing.T) {
	w := newWorld()
	p := &plugins{}
	w.plugins = p
	p.action = func(string, string, ports.PluginCall) (ports.PluginResult, error) {
		return ports.PluginResult{Status: 201, Body: []byte("\x89PNG"), Headers: map[string]string{
			"content-type": "image/png", "Set-Cookie": "a=b", "Location": "http://evil", "X-Plugin-Note": "a\r\nb", "Content-Security-Policy": "none",
			"Access-Control-Allow-Origin": "*", "Content-Length": "9",
		}}, nil
	}
	rec := w.do(t, "POST", "/api/plugin/qrcode/png", "", "Authorization: Bearer run")
	wantStatus(t, rec, 201)
	h := rec.Header()
	if rec.Body.String() != "\x89PNG" || h.Get("Content-Type") != "image/png" || h.Get("X-Plugin-Note") == "" || h.Get("Content-Security-Policy") != "sandbox" {
		t.Errorf("answer %q %v", rec.Body, h)
	}
	for _, name := range []string{"Set-Cookie", "Location", "Access-Control-Allow-Origin"} {
		if h.Get(name) != "" {
			t.Errorf("%s passed: %q", name, h.Get(name))
		}
	}
}

func TestPluginActionFaults(t *testing.T) {
	for _, row := range []struct {
		err    *fault.Fault
		status int
	}{
		{fault.New(fault.Malformed, "x"), 400},
		{fault.New(fault.Forbidden, "x"), 403},
		{fault.New(fault.NotFound, "x"), 404},
		{fault.New(fault.NoPlugin, "x"), 404},
		{fault.New(fault.Conflict, "x"), 409},
		{fault.New(fault.TooLarge, "x"), 413},
		{fault.New(fault.LimitExceeded, "x").OverLimit("plugins.max_queue").Retry(1), 429},
		{fault.New(fault.PluginFailed, "x").WithDetail(`{"plugin":"hello","code":"internal","retryable":false}`), 500},
		{fault.New(fault.Unavailable, "x").Retry(3), 503},
		{fault.New(fault.LimitExceeded, "x").OverLimit("plugins.call_timeout"), 504},
	} {
		t.Run(string(row.err.Code), func(t *testing.T) {
			w := newWorld()
			w.plugins = &plugins{action: func(string, string, ports.PluginCall) (ports.PluginResult, error) {
				return ports.PluginResult{}, row.err
			}}
			rec := w.do(t, "POST", "/api/plugin/hello/greet", "", "Authorization: Bearer run")
			wantStatus(t, rec, row.status)
			if row.err.RetryAfter > 0 && rec.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if row.err.Detail != "" && !strings.Contains(rec.Body.String(), `"plugin":{"plugin":"hello"`) {
				t.Errorf("body %s", rec.Body)
			}
		})
	}
}

func TestPluginAdministration(t *testing.T) {
	w := newWorld()
	p := &plugins{}
	w.plugins = p
	for _, row := range []struct {
		method, target, bearer string
		status                 int
	}{
		{"GET", "/api/admin/plugins", "read", 200},
		{"GET", "/debug/plugins", "read", 200},
		{"GET", "/debug/plugins", "", 401},
		{"POST", "/api/admin/plugins/hello/reload", "admin", 200},
		{"POST", "/api/admin/plugins/hello/disable", "admin", 200},
		{"POST", "/api/admin/plugins/hello/enable", "admin", 200},
		{"POST", "/api/admin/plugins/hello/explode", "admin", 404},
		{"POST", "/api/admin/plugins/nope/enable", "admin", 404},
		{"POST", "/api/admin/plugins/hello/reload", "run", 403},
	} {
		rec := w.do(t, row.method, row.target, "", "Authorization: Bearer "+row.bearer)
		if rec.Code != row.status {
			t.Errorf("%s %s as %q: %d %s", row.method, row.target, row.bearer, rec.Code, rec.Body)
		}
		if rec.Code == 200 && !strings.Contains(rec.Body.String(), `"name":"hello"`) {
			t.Errorf("%s: %s", row.target, rec.Body)
		}
	}
	if got := strings.Join(p.told, ","); got != "reload hello,switch hello off,switch hello on,switch nope on" {
		t.Errorf("told %s", got)
	}
}
