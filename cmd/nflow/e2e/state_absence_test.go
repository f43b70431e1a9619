//go:build linux

package e2e

import (
	"fmt"
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

// TestStateRateLimitWithoutRedis takes away the Redis that counts requests: with
// on_backend_error = "open" everybody passes meanwhile, with "closed" nobody, and
// either way limits hold again once it is back.
func TestStateRateLimitWithoutRedis(t *testing.T) {
	for way, meanwhile := range map[string]int{"open": http.StatusOK, "closed": http.StatusServiceUnavailable} {
		t.Run(way, func(t *testing.T) {
			redis := redistest.Start(t)
			s := onDatabase(pgtest.DSN(t)).withRedis(redis).with("redis", `timeout = "300ms"`)
			p := serve(t, t.TempDir(), hourly(s, "redis").with("rate_limit", fmt.Sprintf("on_backend_error = %q", way)).text())
			p.publish("work", "return 'done';")
			ask := func() (int, string) { return p.send(t, fromAddress(t, "203.0.113.7", "/work")(0, p.base)) }
			if status, body := ask(); status != http.StatusOK {
				t.Fatalf("status %d: %s", status, body)
			}
			redis.Stop(t)
			for n := range 150 {
				if status, body := ask(); status != meanwhile {
					t.Fatalf("request %d without Redis: status %d: %s", n, status, body)
				}
			}
			newBrowser(t, p.base).get("/health").want(http.StatusOK, `"status":"degraded"`)
			metric := fmt.Sprintf(`nflow_rate_unknown_total{limit=%q} `, "rate_limit.ip_rate_limit")
			newBrowser(t, p.base).get("/metrics").want(http.StatusOK, metric)

			redis.Restart(t)
			until(t, "it finds Redis", func() bool {
				return strings.Contains(newBrowser(t, p.base).get("/health").body, `"status":"healthy"`)
			})
			stampede{200, 100, hour / 100, fromAddress(t, "203.0.113.8", "/work")}.run(t, p).wantAdmitted(t, 100)
			end(t, p)
		})
	}
}
