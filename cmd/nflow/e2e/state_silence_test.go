//go:build linux

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

// TestStateStopDuringSilence sends SIGTERM while PostgreSQL and Redis hang, with
// requests under way and tracker rows and run records that wait for the database:
// every request is answered, and the server ends in the time it has for that.
func TestStateStopDuringSilence(t *testing.T) {
	b := backends{pgtest.Start(t), redistest.Start(t)}
	p := serve(t, t.TempDir(), onDatabase(b.postgres.DSN(t)).withRedis(b.redis).
		with("database_nflow", `statement_timeout = "2s"`).with("redis", `timeout = "500ms"`).
		with("server", `request_timeout = "4s"`, `shutdown_timeout = "5s"`).with("tracker", "enabled = true").text())
	p.publish("plain", "return 'plain';")
	p.publish("visits", "set_session('me', 'n', Number(get_session('me', 'n') || 0) + 1); return 'visit';")
	m := newMixture(t, p)
	m.once(t)
	m.start(t)
	time.Sleep(time.Second)
	b.postgres.Pause(t)
	b.redis.Pause(t)
	time.Sleep(time.Second)

	stopped := time.Now()
	end(t, p)
	took := time.Since(stopped)
	m.finish()
	b.postgres.Resume(t)
	b.redis.Resume(t)
	t.Logf("the server ended %s after SIGTERM", took.Round(time.Millisecond))
	// The requests have five seconds, a chore may be in the middle of a statement of
	// two, what is to be written has five again, and the machine may be busy.
	if most := 14 * time.Second; took > most {
		t.Errorf("the server ended %s after SIGTERM, want at most %s", took, most)
	}
	for _, one := range m.samples {
		late := one.began.Add(one.took).After(stopped)
		switch {
		case one.status == http.StatusOK || one.status == http.StatusCreated || one.status == http.StatusServiceUnavailable:
		case one.status == 0 && late && !strings.Contains(one.body, "EOF") && !strings.Contains(one.body, "reset"):
			// refused: it came after the signal
		default:
			t.Errorf("%s, %s after the signal: %d %s", one.kind, one.began.Sub(stopped), one.status, one.body)
		}
	}
}
