//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// TestDatabaseOutage takes the database away from a running server and gives it
// back: meanwhile it says so, at once, and afterwards it needs no help.
func TestDatabaseOutage(t *testing.T) {
	server := pgtest.Start(t)
	p := serve(t, t.TempDir(), fmt.Sprintf("[database_nflow]\ndsn = %q\n", server.DSN(t)))
	p.publish("plain", "return 'no database needed';")
	p.publish("visits", "var n = Number(get_session('me', 'n') || 0) + 1; set_session('me', 'n', n); return 'visit ' + n;")
	visitor := newBrowser(t, p.base)
	visitor.get("/visits").want(http.StatusOK, "visit 1")

	server.Stop(t)
	began := time.Now()
	visitor.get("/visits").want(http.StatusServiceUnavailable, "database")
	p.admin(http.MethodGet, "/api/admin/runs", "").want(http.StatusServiceUnavailable, "database")
	p.admin(http.MethodPut, "/api/admin/workflows/late", scripted("late", "return 'late';")).
		want(http.StatusServiceUnavailable, "database")
	visitor.get("/health").want(http.StatusServiceUnavailable, "database")
	visitor.get("/health/live").want(http.StatusOK, "")
	visitor.get("/plain").want(http.StatusOK, "no database needed")
	visitor.get("/late").want(http.StatusNotFound, "")
	if took := time.Since(began); took > patience {
		t.Errorf("seven answers without the database took %s", took)
	}

	server.Restart(t)
	for deadline := time.Now().Add(patience); visitor.get("/health").status != http.StatusOK; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server does not find its database again")
		}
	}
	visitor.get("/visits").want(http.StatusOK, "visit 2")
	p.publish("late", "return 'late';")
	visitor.get("/late").want(http.StatusOK, "late")
	p.stop()
}
