package http

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func decode[T any](t *testing.T, rec *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, rec.Body)
	}
	return v
}

func TestListWorkflowsPages(t *testing.T) {
	w := newWorld()
	for _, id := range []string{"a", "b/c", "d", "é", "ü"} {
		w.catalog = append(w.catalog, ports.WorkflowInfo{ID: id, Version: 1, Routes: []string{"GET /" + id}})
	}
	var got []string
	target := "/api/admin/workflows?limit=2"
	for pages := 0; target != "" && pages < 9; pages++ {
		rec := w.do(t, "GET", target, "", bearerAdmin)
		wantStatus(t, rec, 200)
		page := decode[workflowPage](t, rec)
		for _, info := range page.Workflows {
			got = append(got, info.ID)
		}
		target = ""
		if page.Next != "" {
			target = "/api/admin/workflows?limit=2&cursor=" + page.Next
		}
	}
	if strings.Join(got, ",") != "a,b/c,d,é,ü" {
		t.Errorf("got %v", got)
	}
	w.catalog = nil
	if rec := w.do(t, "GET", "/api/admin/workflows", "", bearerAdmin); strings.TrimSpace(rec.Body.String()) != `{"workflows":[]}` {
		t.Errorf("empty list %s", rec.Body)
	}
}

func TestBadQueries(t *testing.T) {
	for _, target := range []string{
		"/api/admin/workflows?limit=0", "/api/admin/workflows?limit=501", "/api/admin/workflows?limit=x",
		"/api/admin/workflows?cursor=%25%25", "/api/admin/workflows?lmit=2", "/api/admin/workflows?limit=1&limit=2",
		"/api/admin/workflows?a=%zz", "/api/admin/runs?limit=1001", "/api/admin/runs?status=fine",
		"/api/admin/runs?workflow=%00", "/api/admin/workflows/a?version=0", "/api/admin/workflows/a?version=-1",
	} {
		t.Run(target, func(t *testing.T) {
			wantStatus(t, newWorld().do(t, "GET", target, "", bearerAdmin), 400)
		})
	}
}

func TestGetDocument(t *testing.T) {
	w := newWorld()
	document := []byte("{ \"nodes\" : {} }\n")
	w.document = func(_ context.Context, id string, version int) (ports.Workflow, error) {
		if id != "a/b" {
			return ports.Workflow{}, fault.New(fault.NotFound, "no workflow %q", id)
		}
		if version == 0 {
			version = 7
		}
		return ports.Workflow{ID: id, Version: version, Document: document}, nil
	}
	rows := []struct {
		name, target, ifNoneMatch string
		status                    int
		tag                       string
	}{
		{"active", "/api/admin/workflows/a%2Fb", "", 200, `"7"`},
		{"older", "/api/admin/workflows/a%2Fb?version=3", "", 200, `"3"`},
		{"not modified", "/api/admin/workflows/a%2Fb", `"6", W/"7"`, 304, `"7"`},
		{"modified", "/api/admin/workflows/a%2Fb", `"6"`, 200, `"7"`},
		{"unknown", "/api/admin/workflows/zzz", "", 404, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			headers := []string{bearerAdmin}
			if row.ifNoneMatch != "" {
				headers = append(headers, "If-None-Match: "+row.ifNoneMatch)
			}
			rec := w.do(t, "GET", row.target, "", headers...)
			wantStatus(t, rec, row.status)
			if got := rec.Header().Get("ETag"); got != row.tag {
				t.Errorf("ETag %s", got)
			}
			if row.status == 200 && rec.Body.String() != string(document) {
				t.Errorf("the document changed: %q", rec.Body)
			}
			if row.status == 304 && rec.Body.Len() > 0 {
				t.Errorf("304 with a body")
			}
		})
	}
}

func TestPutDocument(t *testing.T) {
	rows := []struct {
		name, header string
		exists       bool
		status       int
		expected     int // what the publisher is told
	}{
		{"new", "", false, 201, ports.AnyVersion},
		{"again", "", true, 200, ports.AnyVersion},
		{"guarded", `If-Match: "3"`, true, 200, 3},
		{"row of the designer", `If-Match: "0"`, true, 200, 0},
		{"any version", "If-Match: *", true, 200, ports.AnyVersion},
		{"any version of nothing", "If-Match: *", false, 412, -9},
		{"create", "If-None-Match: *", false, 201, 0},
		{"create what exists", "If-None-Match: *", true, 412, -9},
		{"weak tag", `If-Match: W/"3"`, true, 412, -9},
		{"foreign tag", `If-Match: "abc"`, true, 412, -9},
		{"huge tag", `If-Match: "99999999999999999999"`, true, 412, -9},
		{"no quotes", "If-Match: 3", true, 400, -9},
		{"two tags", `If-Match: "3", "4"`, true, 400, -9},
		{"not the star", `If-None-Match: "3"`, true, 400, -9},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			w.document = func(context.Context, string, int) (ports.Workflow, error) {
				if !row.exists {
					return ports.Workflow{}, fault.New(fault.NotFound, "no")
				}
				return ports.Workflow{Version: 3}, nil
			}
			told := -9
			w.publish = func(id string, document []byte, expected int, author string) (ports.WorkflowInfo, error) {
				told = expected
				if id != "a b" || string(document) != ` {"x":1} ` || author != "admin-token" {
					t.Errorf("id %q document %q author %q", id, document, author)
				}
				return ports.WorkflowInfo{ID: id, Version: 4, Warnings: []string{"unreachable node x"}}, nil
			}
			headers := []string{bearerAdmin, "Content-Type: application/json"}
			if row.header != "" {
				headers = append(headers, row.header)
			}
			rec := w.do(t, "PUT", "/api/admin/workflows/a%20b", ` {"x":1} `, headers...)
			wantStatus(t, rec, row.status)
			if told != row.expected {
				t.Errorf("expected version %d, want %d", told, row.expected)
			}
			if row.status >= 300 {
				return
			}
			info := decode[ports.WorkflowInfo](t, rec)
			if rec.Header().Get("ETag") != `"4"` || len(info.Warnings) != 1 {
				t.Errorf("ETag %s info %+v", rec.Header().Get("ETag"), info)
			}
			if location := rec.Header().Get("Location"); row.status == 201 && location != "/api/admin/workflows/a%20b" {
				t.Errorf("Location %q", location)
			}
		})
	}
}

func TestPutDocumentWhenTheStoreIsAway(t *testing.T) {
	w := newWorld()
	w.document = func(context.Context, string, int) (ports.Workflow, error) {
		return ports.Workflow{}, fault.New(fault.Unavailable, "the database is away")
	}
	rec := w.do(t, "PUT", "/api/admin/workflows/a", "{}", bearerAdmin)
	wantStatus(t, rec, 503)
	if rec.Header().Get("Retry-After") != "1" {
		t.Errorf("headers %v", rec.Header())
	}
}

func TestDeleteAndActivate(t *testing.T) {
	w := newWorld()
	var told []any
	w.withdraw = func(id string, expected int) error { told = []any{id, expected}; return nil }
	w.activate = func(id string, version, expected int) (ports.WorkflowInfo, error) {
		told = []any{id, version, expected}
		return ports.WorkflowInfo{ID: id, Version: version}, nil
	}
	rows := []struct {
		name, method, target, header string
		status                       int
		told                         []any
	}{
		{"delete", "DELETE", "/api/admin/workflows/a%2Fb", "", 204, []any{"a/b", ports.AnyVersion}},
		{"delete guarded", "DELETE", "/api/admin/workflows/a", `If-Match: "2"`, 204, []any{"a", 2}},
		{"delete what is not there", "DELETE", "/api/admin/workflows/a", "If-None-Match: *", 400, nil},
		{"activate", "POST", "/api/admin/workflows/a/versions/2/activate", `If-Match: "5"`, 200, []any{"a", 2, 5}},
		{"activate zero", "POST", "/api/admin/workflows/a/versions/0/activate", "", 400, nil},
		{"activate a word", "POST", "/api/admin/workflows/a/versions/last/activate", "", 400, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			told = nil
			headers := []string{bearerAdmin}
			if row.header != "" {
				headers = append(headers, row.header)
			}
			rec := w.do(t, row.method, row.target, "", headers...)
			wantStatus(t, rec, row.status)
			if len(told) != len(row.told) {
				t.Fatalf("told %v, want %v", told, row.told)
			}
			for i := range told {
				if told[i] != row.told[i] {
					t.Errorf("told %v, want %v", told, row.told)
				}
			}
			if row.status == 204 && (rec.Body.Len() > 0 || rec.Header().Get("Content-Length") != "") {
				t.Errorf("204 with a body")
			}
		})
	}
}

func TestVersionsAndRuns(t *testing.T) {
	w := newWorld()
	w.versions = func(string) ([]ports.VersionInfo, error) { return []ports.VersionInfo{{Version: 2, Active: true}}, nil }
	var filter ports.RunFilter
	w.runs = func(f ports.RunFilter) ([]ports.RunRecord, error) {
		filter = f
		return []ports.RunRecord{{ID: "r2", Started: time.Unix(0, 0)}, {ID: "r1"}}, nil
	}
	w.run = func(id string) (ports.RunRecord, error) {
		return ports.RunRecord{ID: id, Nodes: []ports.NodeRecord{{Node: "n"}}}, nil
	}
	rec := w.do(t, "GET", "/api/admin/workflows/a/versions", "", bearerAdmin)
	if !strings.Contains(rec.Body.String(), `{"versions":[{"version":2,"active":true`) {
		t.Errorf("versions %s", rec.Body)
	}
	rec = w.do(t, "GET", "/api/admin/runs?workflow=a%2Fb&status=error&limit=2&before=r3", "", bearerAdmin)
	wantStatus(t, rec, 200)
	want := ports.RunFilter{Workflow: "a/b", Status: ports.RunFailed, Before: "r3", Limit: 2}
	if page := decode[runPage](t, rec); filter != want || page.Next != "r1" || len(page.Runs) != 2 {
		t.Errorf("filter %+v page %+v", filter, page)
	}
	rec = w.do(t, "GET", "/api/admin/runs", "", bearerAdmin)
	if page := decode[runPage](t, rec); filter.Limit != 50 || page.Next != "" {
		t.Errorf("filter %+v page %+v", filter, page)
	}
	rec = w.do(t, "GET", "/api/admin/runs/r1", "", bearerAdmin)
	if run := decode[ports.RunRecord](t, rec); run.ID != "r1" || len(run.Nodes) != 1 {
		t.Errorf("run %s", rec.Body)
	}
}

func TestRequestTimeout(t *testing.T) {
	w := newWorld()
	w.document = func(ctx context.Context, _ string, _ int) (ports.Workflow, error) {
		<-ctx.Done()
		return ports.Workflow{}, fault.Wrap(ctx.Err(), fault.Cancelled, "cancelled")
	}
	s := w.server(t, func(c *Config) { c.RequestTimeout = 20 * time.Millisecond })
	rec := ask(s, "GET", "/api/admin/workflows/a", "", bearerAdmin)
	wantStatus(t, rec, 503)
	if !strings.Contains(rec.Body.String(), `"limit":"server.request_timeout"`) {
		t.Errorf("body %s", rec.Body)
	}
}
