//go:build linux

package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

// TestStateStartWithoutRedis starts a server while Redis is away: it serves what
// needs no Redis, says that it is degraded, and is whole once Redis comes, without
// a restart.
func TestStateStartWithoutRedis(t *testing.T) {
	redis := redistest.Start(t)
	redis.Stop(t)
	p := serve(t, t.TempDir(), onDatabase(pgtest.DSN(t)).withRedis(redis).with("redis", `timeout = "300ms"`).text())
	p.publish("plain", "return 'plain';")
	p.publish("visits", "var n = Number(get_session('me', 'n') || 0) + 1; set_session('me', 'n', n); return 'visit ' + n;")
	visitor := newBrowser(t, p.base)
	visitor.get("/plain").want(http.StatusOK, "plain")
	visitor.get("/visits").want(http.StatusServiceUnavailable, "Redis")
	visitor.get("/health").want(http.StatusOK, `"status":"degraded"`)
	visitor.get("/health/ready").want(http.StatusOK, "")

	redis.Restart(t)
	took := until(t, "it finds Redis", func() bool { return strings.Contains(visitor.get("/health").body, `"status":"healthy"`) })
	t.Logf("healthy %s after Redis came", took)
	if took > backAgain {
		t.Errorf("it took %s", took)
	}
	visitor.get("/visits").want(http.StatusOK, "visit 1")
	visitor.get("/visits").want(http.StatusOK, "visit 2")
	end(t, p)
}
