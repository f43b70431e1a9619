package http

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// expected is every code with its status: from a published contract, so that a
// change of the table is noticed.
func expected() map[fault.Code]int {
	return map[fault.Code]int{
		fault.Malformed: 400, fault.Unauthenticated: 401, fault.Forbidden: 403, fault.NotFound: 404,
		fault.MethodNotAllowed: 405, fault.LimitExceeded: 408, fault.Conflict: 409, fault.PreconditionFailed: 412,
		fault.TooLarge: 413, fault.UnsupportedMedia: 415, fault.Invalid: 422, fault.ScriptFailed: 500,
		fault.NodeFailed: 500, fault.QueryFailed: 500, fault.Disabled: 500, fault.Blocked: 422, fault.Internal: 500,
		fault.Upstream: 502, fault.Unavailable: 503, fault.Cancelled: 503, fault.UpstreamTimeout: 504,
		fault.NoPlugin: 404, fault.PluginFailed: 500,
	}
}

func TestEveryCodeHasItsStatus(t *testing.T) {
	if len(expected()) != len(kinds()) {
		t.Fatalf("%d codes are expected, the table has %d", len(expected()), len(kinds()))
	}
	for code, status := range expected() {
		t.Run(string(code), func(t *testing.T) {
			w := newWorld()
			w.versions = func(string) ([]ports.VersionInfo, error) {
				return nil, fault.New(code, "what happened").AtField("data.x")
			}
			rec := w.do(t, "GET", "/api/admin/workflows/a/versions", "", bearerAdmin, "X-Request-Id: req-7")
			wantStatus(t, rec, status)
			if got := rec.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("Content-Type %q", got)
			}
			var p map[string]any
			if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			if p["code"] != string(code) || p["type"] != "urn:nflow:problem:"+string(code) ||
				p["status"] != float64(status) || p["title"] == "" || p["instance"] != "urn:nflow:request:req-7" {
				t.Errorf("problem %s", rec.Body)
			}
			if _, found := p["success"]; found {
				t.Errorf("success belongs to /api/workflow alone: %s", rec.Body)
			}
		})
	}
}

func TestFaultsOfARun(t *testing.T) {
	rows := []struct {
		name   string
		fault  *fault.Fault
		status int
		retry  string
	}{
		{"no route", fault.New(fault.NotFound, "x"), 404, ""},
		{"missing module", fault.New(fault.NotFound, "x").AtNode("n"), 500, ""},
		{"denied egress", fault.New(fault.Forbidden, "x").AtNode("n"), 500, ""},
		{"start node wants a token", fault.New(fault.Unauthenticated, "x").AtNode("n"), 401, ""},
		{"missing plugin", fault.New(fault.NoPlugin, "x"), 500, ""},
		{"blocked script", fault.New(fault.Blocked, "x"), 500, ""},
		{"script limit", fault.New(fault.LimitExceeded, "x").AtNode("n").OverLimit("vm_pool.max_execution_seconds"), 408, ""},
		{"rate limit", fault.New(fault.LimitExceeded, "x").OverLimit("rate_limit.ip_rate_limit").Retry(9), 429, "9"},
		{"rate limit without advice", fault.New(fault.LimitExceeded, "x").OverLimit("rate_limit.ip_rate_limit"), 429, "1"},
		{"saturated", fault.New(fault.Unavailable, "x").Retry(3), 503, "3"},
		{"unknown code", fault.New("made_up", "x"), 500, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
				return ports.Outbound{RunID: "r1"}, row.fault
			}
			rec := w.do(t, "GET", "/x", "")
			wantStatus(t, rec, row.status)
			if got := rec.Header().Get("Retry-After"); got != row.retry {
				t.Errorf("Retry-After %q, want %q", got, row.retry)
			}
			if rec.Header().Get("Nflow-Wid-1") != "r1" || !strings.Contains(rec.Body.String(), `"run_id":"r1"`) {
				t.Errorf("the run is not named: %v %s", rec.Header(), rec.Body)
			}
		})
	}
}

func TestProblemTellsWhereAndHidesTheCause(t *testing.T) {
	w := newWorld()
	w.execute = func(context.Context, string, string, payload.Value, *ports.Inbound) (ports.Execution, error) {
		f := fault.Wrap(errors.New("goja.Exception 0xc000"), fault.ScriptFailed, "boom").
			InWorkflow("shop").AtNode("pay").AtField("data.script").AtLine(3, 7)
		return ports.Execution{RunID: "r9"}, f
	}
	rec := w.do(t, "POST", "/api/workflow/shop", "{}", "Authorization: Bearer run")
	wantStatus(t, rec, 500)
	for _, part := range []string{`"success":false`, `"run_id":"r9"`, `"execution_time":`, `"workflow":"shop"`,
		`"node":"pay"`, `"field":"data.script"`, `"line":3`, `"column":7`, `"detail":"boom"`} {
		if !strings.Contains(rec.Body.String(), part) {
			t.Errorf("%s is missing in %s", part, rec.Body)
		}
	}
	if strings.Contains(rec.Body.String(), "goja") {
		t.Errorf("the cause leaked: %s", rec.Body)
	}
}

func TestInternalFaultShowsOnlyWhatToQuote(t *testing.T) {
	rows := []struct {
		name string
		err  error
		run  string
	}{
		{"foreign error", errors.New("pq: password secret123"), ""},
		{"internal fault", fault.Wrap(errors.New("secret123"), fault.Internal, "secret123 too"), "r5"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.serve = func(context.Context, *ports.Inbound) (ports.Outbound, error) {
				return ports.Outbound{RunID: row.run}, row.err
			}
			rec := w.do(t, "GET", "/x", "", "X-Request-Id: abc")
			wantStatus(t, rec, 500)
			quote := "request abc"
			if row.run != "" {
				quote = "run " + row.run
			}
			if body := rec.Body.String(); strings.Contains(body, "secret123") || !strings.Contains(body, quote) {
				t.Errorf("body %s", body)
			}
			if !strings.Contains(w.log(), "secret123") || !strings.Contains(w.log(), "request_id=abc") {
				t.Errorf("the log lacks the cause: %s", w.log())
			}
		})
	}
}

func TestListOfFaults(t *testing.T) {
	w := newWorld()
	w.publish = func(string, []byte, int, string) (ports.WorkflowInfo, error) {
		return ports.WorkflowInfo{}, fault.List{
			fault.New(fault.Conflict, "the route is taken").AtNode("a"),
			fault.New(fault.Invalid, "no such type").AtNode("b").AtField("data.type"),
		}
	}
	rec := w.do(t, "PUT", "/api/admin/workflows/x", "{}", bearerAdmin)
	wantStatus(t, rec, 422)
	var p struct {
		Code   string
		Errors []struct{ Code, Detail, Node, Field string }
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Code != "invalid" || len(p.Errors) != 2 || p.Errors[0].Node != "a" || p.Errors[1].Field != "data.type" {
		t.Errorf("problem %s", rec.Body)
	}
}
