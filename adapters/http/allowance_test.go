package http

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// doorman is a Doorkeeper made of a function.
type doorman func(client, path string) (policy.Allowance, error)

func (d doorman) Admit(_ context.Context, client, path string) (policy.Allowance, error) {
	return d(client, path)
}

// lets is a doorkeeper that lets everybody in.
func lets(a policy.Allowance) doorman {
	return func(string, string) (policy.Allowance, error) { return a, nil }
}

func left(limit, remaining int, full time.Duration) policy.Allowance {
	return policy.Allowance{Allowed: true, Limit: limit, Remaining: remaining, Full: full}
}

// shut refuses everybody, the next request may pass after a while.
func shut(after time.Duration) doorman {
	return func(string, string) (policy.Allowance, error) {
		return policy.Allowance{Limit: 100, Full: time.Minute, RetryAfter: after},
			fault.New(fault.LimitExceeded, "Too many requests. Please try again later.").
				OverLimit("rate_limit.ip_rate_limit").Retry(policy.Seconds(after))
	}
}

// rates is Limit/Remaining/Reset of an answer, Reset in seconds from now.
func (w *world) rates(rec *httptest.ResponseRecorder) string {
	h := rec.Header()
	reset := h.Get("X-RateLimit-Reset")
	if at, ok := strings.CutPrefix(reset, "17000000"); ok && len(at) == 2 {
		reset = at
	}
	return h.Get("X-RateLimit-Limit") + "/" + h.Get("X-RateLimit-Remaining") + "/" + reset
}

func TestTightestAllowanceIsShown(t *testing.T) {
	refused := policy.Allowance{Limit: 5, Full: 5 * time.Second, RetryAfter: time.Second}
	rows := []struct {
		name                  string
		door, token, workflow policy.Allowance
		want                  string
	}{
		{"none", policy.Allowance{}, policy.Allowance{}, policy.Allowance{}, "//"},
		{"door", left(100, 99, 600*time.Millisecond), policy.Allowance{}, policy.Allowance{}, "100/99/01"},
		{"token", policy.Allowance{}, left(10, 3, 7*time.Second), policy.Allowance{}, "10/3/07"},
		{"workflow", policy.Allowance{}, policy.Allowance{}, left(60, 0, time.Minute), "60/0/60"},
		{"fewest first", left(100, 1, time.Second), left(10, 3, 7*time.Second), left(60, 30, time.Minute), "100/1/01"},
		{"fewest second", left(100, 50, time.Second), left(10, 3, 7*time.Second), left(60, 30, time.Minute), "10/3/07"},
		{"fewest last", left(100, 50, time.Second), left(10, 3, 7*time.Second), left(60, 2, time.Minute), "60/2/60"},
		{"as few, but slower", left(100, 2, time.Second), left(10, 2, 7*time.Second), policy.Allowance{}, "10/2/07"},
		{"the refusal counts", left(100, 0, time.Minute), policy.Allowance{}, refused, "5/0/05"},
		{"a rounded-up second", left(100, 99, time.Second+time.Microsecond), policy.Allowance{}, policy.Allowance{}, "100/99/02"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.door, w.token = lets(row.door), row.token
			w.execute = func(context.Context, string, string, payload.Value, *ports.Inbound) (ports.Execution, error) {
				return ports.Execution{Allowance: row.workflow}, nil
			}
			rec := w.do(t, "POST", "/api/workflow/a", "", bearerAdmin)
			wantStatus(t, rec, 200)
			if got := w.rates(rec); got != row.want {
				t.Errorf("the API says %s, want %s", got, row.want)
			}
			if row.token != (policy.Allowance{}) {
				return
			}
			w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
				return ports.Outbound{Allowance: row.workflow}, nil
			}
			for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE"} {
				if got := w.rates(w.do(t, method, "/x", "")); got != row.want {
					t.Errorf("%s of an endpoint says %s, want %s", method, got, row.want)
				}
			}
		})
	}
}

func TestAllowanceOfAFailedRun(t *testing.T) {
	w := newWorld()
	failed := fault.New(fault.ScriptFailed, "x")
	w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
		return ports.Outbound{Allowance: left(9, 8, time.Second)}, failed
	}
	w.execute = func(context.Context, string, string, payload.Value, *ports.Inbound) (ports.Execution, error) {
		return ports.Execution{Allowance: left(9, 8, time.Second)}, failed
	}
	for _, rec := range []*httptest.ResponseRecorder{w.do(t, "GET", "/x", ""), w.do(t, "POST", "/api/workflow/a", "", bearerAdmin)} {
		wantStatus(t, rec, 500)
		if got := w.rates(rec); got != "9/8/01" {
			t.Errorf("got %s", got)
		}
	}
}

func TestRefusals(t *testing.T) {
	overWorkflow := fault.New(fault.LimitExceeded, "too often").OverLimit("data.rate_limit").Retry(30)
	rows := []struct {
		name, method, target, bearer string
		door                         doorman
		limit, rates, retry          string
	}{
		{"at the door", "GET", "/x", "", shut(1500 * time.Millisecond), "rate_limit.ip_rate_limit", "100/0/60", "2"},
		{"at the door, at once again", "GET", "/x", "", shut(0), "rate_limit.ip_rate_limit", "100/0/60", "1"},
		{"HEAD", "HEAD", "/x", "", shut(time.Second), "", "100/0/60", "1"},
		{"OPTIONS", "OPTIONS", "/x", "", shut(time.Second), "rate_limit.ip_rate_limit", "100/0/60", "1"},
		{"the API, before any token is looked at", "GET", "/api/admin/runs", "broken", shut(time.Second), "rate_limit.ip_rate_limit", "100/0/60", "1"},
		{"what nobody serves", "GET", "/api/admin/nothing", "", shut(time.Second), "rate_limit.ip_rate_limit", "100/0/60", "1"},
		{"a path that cannot be decoded", "GET", "/a%00", "", shut(time.Second), "rate_limit.ip_rate_limit", "100/0/60", "1"},
		{"a token", "GET", "/api/admin/runs", "busy", nil, "rate_limit.token_rate_limit", "7/0/60", "1"},
		{"a token, behind a door", "GET", "/api/admin/runs", "busy", lets(left(100, 0, time.Hour)), "rate_limit.token_rate_limit", "7/0/60", "1"},
		{"a workflow", "GET", "/x", "", nil, "data.rate_limit", "5/0/30", "30"},
		{"a workflow by the API", "POST", "/api/workflow/a", "run", nil, "data.rate_limit", "5/0/30", "30"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			if row.door != nil {
				w.door = row.door
			}
			a := policy.Allowance{Limit: 5, Full: 30 * time.Second, RetryAfter: 30 * time.Second}
			w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
				return ports.Outbound{Allowance: a}, overWorkflow
			}
			w.execute = func(context.Context, string, string, payload.Value, *ports.Inbound) (ports.Execution, error) {
				return ports.Execution{Allowance: a}, overWorkflow
			}
			rec := w.do(t, row.method, row.target, "", "Authorization: Bearer "+row.bearer)
			wantStatus(t, rec, 429)
			if got := w.rates(rec); got != row.rates {
				t.Errorf("rates %s, want %s", got, row.rates)
			}
			if got := rec.Header().Get("Retry-After"); got != row.retry {
				t.Errorf("Retry-After %q, want %q", got, row.retry)
			}
			body := rec.Body.String()
			if row.limit != "" && (!strings.Contains(body, `"code":"limit_exceeded"`) || !strings.Contains(body, `"limit":"`+row.limit+`"`)) {
				t.Errorf("body %s", body)
			}
			quiet := ask(w.server(t, func(c *Config) { c.NoRetryAfter = true }), row.method, row.target, "", "Authorization: Bearer "+row.bearer)
			if _, found := quiet.Header()["Retry-After"]; found || quiet.Code != 429 || w.rates(quiet) != row.rates {
				t.Errorf("without Retry-After: %d %v", quiet.Code, quiet.Header())
			}
		})
	}
}

func TestNoRetryAfterLeavesOutagesAlone(t *testing.T) {
	w := newWorld()
	w.door = doorman(func(string, string) (policy.Allowance, error) {
		return policy.Allowance{}, fault.New(fault.Unavailable, "nobody can count").Retry(1)
	})
	rec := ask(w.server(t, func(c *Config) { c.NoRetryAfter = true }), "GET", "/x", "")
	wantStatus(t, rec, 503)
	if rec.Header().Get("Retry-After") != "1" || w.rates(rec) != "//" {
		t.Errorf("headers %v", rec.Header())
	}
}

// A script's own headers of these names mean something only where the server's
// are not there.
func TestScriptsDoNotCoverRateHeaders(t *testing.T) {
	own := []node.Header{{Name: "X-RateLimit-Limit", Value: "1"}, {Name: "x-ratelimit-remaining", Value: "2"}, {Name: "X-RateLimit-Reset", Value: "3"},
		{Name: "X-RateLimit-Policy", Value: "mine"}, {Name: "X-Rate", Value: "kept"}}
	w := newWorld()
	w.answer(node.Reply{Status: 200, Header: own})
	rec := w.do(t, "GET", "/x", "")
	if got := w.rates(rec); got != "1/2/3" || rec.Header().Get("X-RateLimit-Policy") != "mine" {
		t.Errorf("without a limit: %v", rec.Header())
	}
	w.door = lets(left(100, 99, time.Second))
	rec = w.do(t, "GET", "/x", "")
	if got := w.rates(rec); got != "100/99/01" || len(rec.Header().Values("X-RateLimit-Limit")) != 1 ||
		rec.Header().Get("X-RateLimit-Policy") != "" || rec.Header().Get("X-Rate") != "kept" {
		t.Errorf("with a limit: %v", rec.Header())
	}
}
