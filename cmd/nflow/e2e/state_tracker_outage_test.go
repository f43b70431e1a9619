//go:build linux

package e2e

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// TestStateTrackerOutage takes the database away from the tracker for four seconds,
// or lets it hang, while requests go on: none of them fails, and every row arrives
// once the database is back. A row may arrive twice only when nobody heard whether
// it had been stored.
func TestStateTrackerOutage(t *testing.T) {
	for name, outage := range map[string][2]func(*pgtest.Server, testing.TB){
		"stops": {(*pgtest.Server).Stop, (*pgtest.Server).Restart},
		"hangs": {(*pgtest.Server).Pause, (*pgtest.Server).Resume},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits most of the time
			server := pgtest.Start(t)
			dsn := server.DSN(t)
			p := serve(t, t.TempDir(), onDatabase(dsn).with("database_nflow", `statement_timeout = "1s"`).
				with("tracker", "enabled = true", "channel_buffer = 1000000").text())
			p.admin(http.MethodPut, "/api/admin/workflows/work", twoHalves(7)).want(http.StatusCreated, "")
			answered, stop := p.runHalves(t)
			time.Sleep(time.Second)
			outage[0](server, t)
			time.Sleep(4 * time.Second)
			outage[1](server, t)
			time.Sleep(2 * time.Second)
			stop()
			end(t, p)

			db := openSQL(t, "postgres", dsn)
			rows := countRows(t, db, "SELECT count(*) FROM tracker")
			different := countRows(t, db, "SELECT count(*) FROM (SELECT DISTINCT log_id, order_box FROM tracker) AS x")
			t.Logf("%d answers, %d rows, %d of them twice, %d lost", answered.Load(), rows, rows-different, p.dropped())
			if want := 3 * int(answered.Load()); different != want || p.dropped() != 0 {
				t.Errorf("%d different rows, %d lost, want %d", different, p.dropped(), want)
			}
			const workers, batch = 4, 100
			if rows-different > workers*batch {
				t.Errorf("%d rows are there twice", rows-different)
			}
		})
	}
}

// runHalves runs a workflow of three nodes with four clients until it is stopped,
// and counts the answers.
func (p *process) runHalves(t *testing.T) (answered *atomic.Int64, stop func()) {
	answered = &atomic.Int64{}
	var clients sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(2 * time.Millisecond):
				}
				if status, body := p.send(t, request(t, http.MethodGet, p.base+"/halves", nil)); status != http.StatusOK {
					t.Errorf("status %d: %s", status, body)
					return
				}
				answered.Add(1)
			}
		})
	}
	return answered, func() { close(done); clients.Wait() }
}
