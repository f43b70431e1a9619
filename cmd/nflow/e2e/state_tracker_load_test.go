//go:build linux

package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var droppedRows = regexp.MustCompile(`tracker rows could not be written[^\n]*dropped=(\d+)`)

// dropped is how many tracker rows a server that has ended says it lost.
func (p *process) dropped() int {
	p.t.Helper()
	total := 0
	for _, m := range droppedRows.FindAllStringSubmatch(p.stderr.String(), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			p.t.Fatal(err)
		}
		total += n
	}
	return total
}

// TestStateTrackerStop sends SIGTERM under load: for every node that answered
// requests visited there is a row, or the server says that it lost it. With room
// enough it loses none.
func TestStateTrackerStop(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgres} {
		for _, room := range []struct {
			name, lines string
			loses       bool
		}{
			{"roomy", "channel_buffer = 1000000\n", false},
			{"tight", "channel_buffer = 5\nworkers = 1\nbatch_size = 2\n", true},
		} {
			t.Run(place.name+"/"+room.name, func(t *testing.T) {
				s := place.settings(t)
				p := serve(t, t.TempDir(), s.with("tracker", "enabled = true", room.lines).text())
				p.admin(http.MethodPut, "/api/admin/workflows/work", twoHalves(7)).want(http.StatusCreated, "")
				var answered atomic.Int64
				var clients sync.WaitGroup
				var stopping atomic.Bool
				for range 16 {
					clients.Go(func() {
						c := &http.Client{Transport: &http.Transport{}, Timeout: patience}
						defer c.CloseIdleConnections()
						for {
							answer, err := c.Do(request(t, http.MethodGet, p.base+"/halves", nil))
							if err != nil {
								if !stopping.Load() {
									t.Error(err)
								}
								return
							}
							if body := readAll(answer); answer.StatusCode != http.StatusOK || body != "7 7" {
								t.Errorf("status %d: %s", answer.StatusCode, body)
								return
							}
							answered.Add(1)
						}
					})
				}
				time.Sleep(2 * time.Second)
				stopping.Store(true)
				p.signal(syscall.SIGTERM)
				clients.Wait()
				if code := p.wait(); code != 0 {
					t.Errorf("exit code %d:\n%s", code, tail(p.stderr.String()))
				}
				driver, dsn := s.dsn(t)
				rows := countRows(t, openSQL(t, driver, dsn), "SELECT count(*) FROM tracker")
				t.Logf("%d answers, %d rows, %d lost", answered.Load(), rows, p.dropped())
				if want := 3*int(answered.Load()) - p.dropped(); rows != want {
					t.Errorf("%d rows, want %d", rows, want)
				}
				if room.loses != (p.dropped() > 0) {
					t.Errorf("%d rows were lost", p.dropped())
				}
				end(t, p)
			})
		}
	}
}

// TestStateTrackerLocked holds the table of the tracker for three seconds: requests
// take no longer for it, and all rows arrive afterwards.
func TestStateTrackerLocked(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgres} {
		t.Run(place.name, func(t *testing.T) {
			s := place.settings(t)
			p := serve(t, t.TempDir(), s.with("tracker", "enabled = true", "channel_buffer = 1000000").text())
			p.admin(http.MethodPut, "/api/admin/workflows/work", twoHalves(7)).want(http.StatusCreated, "")
			driver, dsn := s.dsn(t)
			db := openSQL(t, driver, dsn)
			lock := "BEGIN EXCLUSIVE"
			if driver == "postgres" {
				lock = "BEGIN; LOCK TABLE tracker IN ACCESS EXCLUSIVE MODE"
			}
			ask := func(lasting time.Duration) (took pulse) {
				for began := time.Now(); time.Since(began) < lasting; {
					one := time.Now()
					if status, body := p.send(t, request(t, http.MethodGet, p.base+"/halves", nil)); status != http.StatusOK {
						t.Errorf("status %d: %s", status, body)
					}
					took.add(time.Since(one))
				}
				return took
			}
			warm := ask(500 * time.Millisecond)
			quiet := ask(2 * time.Second)
			holder, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer holder.Close()
			execOn(t, holder, lock)
			locked := ask(3 * time.Second)
			execOn(t, holder, "COMMIT")
			t.Logf("quiet: %d, p50 %s p99 %s; locked: %d, p50 %s p99 %s max %s", len(quiet), ms(quiet.percentile(50)), ms(quiet.percentile(99)),
				len(locked), ms(locked.percentile(50)), ms(locked.percentile(99)), ms(locked.percentile(100)))
			if most := 5*quiet.percentile(99) + 50*time.Millisecond; locked.percentile(99) > most {
				t.Errorf("p99 is %s while the table is locked, want less than %s", locked.percentile(99), most)
			}
			p.stop()
			requests := len(warm) + len(quiet) + len(locked)
			if rows := countRows(t, db, "SELECT count(*) FROM tracker"); rows != 3*requests || p.dropped() != 0 {
				t.Errorf("%d rows of %d requests, %d lost", rows, requests, p.dropped())
			}
			end(t, p)
		})
	}
}

func execOn(t *testing.T, c *sql.Conn, statement string) {
	t.Helper()
	if _, err := c.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", statement, err))
	}
}
