package http

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// untouchable is a body that must not be read.
type untouchable struct{ t *testing.T }

func (u untouchable) Read([]byte) (int, error) {
	u.t.Error("the body was read before the token was checked")
	return 0, errors.New("untouchable")
}

func TestAuthorization(t *testing.T) {
	rows := []struct {
		name, method, target, header string
		status                       int
		challenge                    string
	}{
		{"no token", "POST", "/api/workflow/a", "", 401, `Bearer realm="nflow"`},
		{"unknown token", "POST", "/api/workflow/a", "Bearer x", 401, `error="invalid_token"`},
		{"other scheme", "POST", "/api/workflow/a", "Basic admin", 401, `Bearer realm="nflow"`},
		{"no scheme", "POST", "/api/workflow/a", "admin", 401, `Bearer realm="nflow"`},
		{"read may not run", "POST", "/api/workflow/a", "Bearer read", 403, `scope="run"`},
		{"run may not read", "GET", "/api/admin/workflows", "Bearer run", 403, `scope="read"`},
		{"read may read", "GET", "/api/admin/workflows", "Bearer read", 200, ""},
		{"scheme in lower case", "GET", "/api/admin/workflows", "bearer read", 200, ""},
		{"admin may read", "GET", "/api/admin/workflows", "Bearer admin", 200, ""},
		{"head is read", "HEAD", "/api/admin/workflows", "Bearer read", 200, ""},
		{"read may not publish", "PUT", "/api/admin/workflows/a", "Bearer read", 403, `scope="admin"`},
		{"read may not delete", "DELETE", "/api/admin/workflows/a", "Bearer read", 403, `scope="admin"`},
		{"read may not activate", "POST", "/api/admin/workflows/a/versions/1/activate", "Bearer read", 403, `scope="admin"`},
		{"read may not change modules", "PUT", "/api/admin/modules/a", "Bearer read", 403, `scope="admin"`},
		{"read may not change templates", "PUT", "/api/admin/templates/a", "Bearer read", 403, `scope="admin"`},
		{"plugin needs run", "POST", "/api/plugin/a/b", "", 401, `Bearer`},
		{"no plugin yet", "POST", "/api/plugin/a/b", "Bearer run", 404, ""},
		{"token store away", "GET", "/api/admin/runs", "Bearer broken", 503, ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld()
			r := httptest.NewRequest(row.method, row.target, io.NopCloser(untouchable{t}))
			if row.header != "" {
				r.Header.Set("Authorization", row.header)
			}
			rec := httptest.NewRecorder()
			w.server(t, nil).Handler().ServeHTTP(rec, r)
			wantStatus(t, rec, row.status)
			got := rec.Header().Get("WWW-Authenticate")
			if row.challenge == "" && got != "" || !strings.Contains(got, row.challenge) {
				t.Errorf("WWW-Authenticate %q, want %q", got, row.challenge)
			}
			if row.name == "no plugin yet" && !strings.Contains(rec.Body.String(), `"code":"plugin_not_installed"`) {
				t.Errorf("body %s", rec.Body)
			}
		})
	}
}

func TestWorkflowEndpointsArePublic(t *testing.T) {
	w := newWorld()
	wantStatus(t, w.do(t, "GET", "/anything", ""), 200)
}

func TestTheTokenStaysOutsideTheWorkflow(t *testing.T) {
	w := newWorld()
	w.execute = func(_ context.Context, _, _ string, _ payload.Value, in *ports.Inbound) (ports.Execution, error) {
		for name, values := range in.Header {
			if strings.Contains(strings.Join(values, ""), "admin") {
				t.Errorf("the token is in %s", name)
			}
		}
		return ports.Execution{}, nil
	}
	wantStatus(t, w.do(t, "POST", "/api/workflow/a", "", bearerAdmin), 200)
	if strings.Contains(w.log(), "Bearer") {
		t.Errorf("the token is in the log: %s", w.log())
	}
}
