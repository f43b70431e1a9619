//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

const (
	outageLasts = 5 * time.Second
	// answerBound is what the answer to any request may take: the deadline of the
	// API in these tests, and a little for a busy machine.
	answerBound = 5 * time.Second
	// backAgain is when requests succeed again after a server has come back.
	backAgain = 2 * time.Second
)

// backends are the servers of an outage test.
type backends struct {
	postgres *pgtest.Server
	redis    *redistest.Server
}

// outage takes a backend away and gives it back.
type outage struct {
	name        string
	begin, over func(*testing.T, backends)
	store       string // of the sessions, so that the outage concerns them
	health      string // what /health says meanwhile
	concerns    []string
}

// TestStateOutage takes PostgreSQL or Redis away for five seconds, or lets it hang,
// while clients run workflows with and without sessions, read the API and publish.
// Every request is answered in time, with success or with 503; what does not need
// the backend never fails; health says how things are; and two seconds after the
// backend is back all is as before, goroutines included, without anybody's help.
func TestStateOutage(t *testing.T) {
	for _, o := range []outage{
		{"postgres stops", func(t *testing.T, b backends) { b.postgres.Stop(t) }, func(t *testing.T, b backends) { b.postgres.Restart(t) },
			"database", "unhealthy", []string{"session", "read", "publish"}},
		{"postgres hangs", func(t *testing.T, b backends) { b.postgres.Pause(t) }, func(t *testing.T, b backends) { b.postgres.Resume(t) },
			"database", "unhealthy", []string{"session", "read", "publish"}},
		{"redis stops", func(t *testing.T, b backends) { b.redis.Stop(t) }, func(t *testing.T, b backends) { b.redis.Restart(t) },
			"redis", "degraded", []string{"session"}},
		{"redis hangs", func(t *testing.T, b backends) { b.redis.Pause(t) }, func(t *testing.T, b backends) { b.redis.Resume(t) },
			"redis", "degraded", []string{"session"}},
	} {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel() // it waits most of the time
			o.test(t)
		})
	}
}

func (o outage) test(t *testing.T) {
	b := backends{pgtest.Start(t), redistest.Start(t)}
	p := serve(t, t.TempDir(), onDatabase(b.postgres.DSN(t)).withRedis(b.redis).
		with("database_nflow", `statement_timeout = "2s"`).with("redis", `timeout = "500ms"`).
		with("server", `request_timeout = "4s"`).with("monitor", "enable_detailed_metrics = true").
		with("auth", fmt.Sprintf("session_store = %q", o.store)).
		with("rate_limit", "enabled = true", "ip_rate_limit = 1000000", `backend = "redis"`).text())
	p.publish("plain", "return 'plain';")
	p.publish("visits", "set_session('me', 'n', Number(get_session('me', 'n') || 0) + 1); return 'visit';")
	m := newMixture(t, p)
	m.once(t) // connections are open
	m.hangUp()
	goroutines := p.goroutines()

	m.start(t)
	time.Sleep(2 * time.Second)
	began := time.Now()
	o.begin(t, b)
	away := time.Now()
	time.Sleep(outageLasts - time.Since(began))
	over := time.Now()
	o.over(t, b)
	back := time.Now()
	time.Sleep(backAgain + 2*time.Second)
	m.finish()

	o.judge(t, m.samples, span{began, away, over, back})
	var rest int
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if rest = p.goroutines(); rest <= goroutines+10 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("%d goroutines remain of %d before", rest, goroutines)
			break
		}
	}
	t.Logf("goroutines: %d before, %d after", goroutines, rest)
	if strings.Contains(p.stderr.String(), b.redis.Password()) {
		t.Error("the log holds the password of Redis")
	}
	end(t, p)
}

// span are the moments of an outage.
type span struct{ began, away, over, back time.Time }

func (o outage) judge(t *testing.T, samples []sample, s span) {
	t.Helper()
	during, quiet := map[string]pulse{}, map[string]pulse{}
	refused, complaints := map[string]int{}, map[string]int{}
	complain := func(one sample, what string) {
		if complaints[one.kind+what]++; complaints[one.kind+what] <= 3 {
			t.Errorf("%s, %s after the outage began, took %s: %s: %d %.200s", one.kind, one.began.Sub(s.began).Round(time.Millisecond),
				one.took.Round(time.Millisecond), what, one.status, one.body)
		}
	}
	for _, one := range samples {
		ended := one.began.Add(one.took)
		troubled := ended.After(s.began) && one.began.Before(s.back.Add(backAgain))
		switch {
		case one.began.After(s.began) && one.began.Before(s.over):
			during[one.kind] = append(during[one.kind], one.took)
		case ended.Before(s.began):
			quiet[one.kind] = append(quiet[one.kind], one.took)
		}
		if one.took > answerBound && !raceEnabled {
			complain(one, "it took too long")
		}
		switch {
		case one.status == http.StatusOK || one.status == http.StatusCreated:
		case one.status != http.StatusServiceUnavailable:
			complain(one, "neither success nor 503")
		case one.kind == "health" && o.health != "unhealthy" || one.kind != "health" && !o.isConcerned(one.kind):
			complain(one, "it does not need what was away")
		case !troubled:
			complain(one, "there was no outage")
		case one.retryAfter == "" && one.kind != "health":
			complain(one, "no Retry-After")
		default:
			refused[one.kind]++
		}
		if one.kind == "health" {
			o.judgeHealth(one, s, complain)
		}
	}
	for kind, n := range complaints {
		if n > 3 {
			t.Errorf("%d times %s", n, kind)
		}
	}
	for _, kind := range mixtureKinds {
		d, q := during[kind], quiet[kind]
		if len(d) == 0 || len(q) == 0 {
			t.Errorf("%s: %d requests before the outage, %d during it", kind, len(q), len(d))
			continue
		}
		t.Logf("%-8s before: %5d, p50 %6s p99 %6s; during: %5d, %5d refused, p50 %6s p99 %6s max %6s", kind,
			len(q), ms(q.percentile(50)), ms(q.percentile(99)), len(d), refused[kind], ms(d.percentile(50)), ms(d.percentile(99)), ms(d.percentile(100)))
		if o.isConcerned(kind) && refused[kind] == 0 {
			t.Errorf("%s was never refused: the outage was none", kind)
		}
	}
}

// judgeHealth expects the truth: one second is given to notice either change, and
// what it takes to ask.
func (o outage) judgeHealth(one sample, s span, complain func(sample, string)) {
	says := "healthy"
	for _, status := range []string{"unhealthy", "degraded"} {
		if strings.Contains(one.body, fmt.Sprintf(`"status":%q`, status)) {
			says = status
		}
	}
	ended := one.began.Add(one.took)
	switch {
	case ended.Before(s.began) && says != "healthy":
		complain(one, "it should be healthy before")
	case one.began.After(s.away.Add(time.Second)) && ended.Before(s.over) && says != o.health:
		complain(one, "it should be "+o.health)
	case one.began.After(s.back.Add(backAgain)) && says != "healthy":
		complain(one, "it should be healthy again")
	}
}

func (o outage) isConcerned(kind string) bool {
	return strings.Contains(" "+strings.Join(o.concerns, " ")+" ", " "+kind+" ")
}
