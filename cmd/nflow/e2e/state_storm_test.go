//go:build linux

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// twoHalves is a workflow whose nodes each say the same number.
func twoHalves(n int) string {
	return fmt.Sprintf(`{"start": {"data": {"type": "httpstart", "path": "/halves"}, "outputs": {"output": {"connections": [{"node": "one"}]}}},
		"one": {"data": {"type": "js", "script": "payload.one = %d; return payload;"}, "outputs": {"output_1": {"connections": [{"node": "two"}]}}},
		"two": {"data": {"type": "js", "script": "return payload.one + ' ' + %d;"}}}`, n, n)
}

// TestStateNoMixture replaces a workflow on one server as fast as it can while
// clients of both run it: no answer is made of two versions, no server goes back to
// an older one, and both end with the last.
func TestStateNoMixture(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgresAndRedis} {
		t.Run(place.name, func(t *testing.T) {
			servers := servePair(t, place.settings(t))
			const api = "/api/admin/workflows/halves"
			servers[0].admin(http.MethodPut, api, twoHalves(1)).want(http.StatusCreated, "")
			servers[1].takes(t, "/halves", http.StatusOK, "1 1")
			stop := make(chan struct{})
			var readers sync.WaitGroup
			var answers atomic.Int64
			var seen [2]atomic.Int64 // versions that each server's clients saw
			for n := range 8 {
				readers.Go(func() { readHalves(t, servers[n%2], stop, &answers, &seen[n%2]) })
			}
			last := 1
			for began := time.Now(); time.Since(began) < 4*time.Second; {
				last++
				servers[0].admin(http.MethodPut, api, twoHalves(last)).want(http.StatusOK, "")
			}
			want := fmt.Sprintf("%d %d", last, last)
			servers[0].takes(t, "/halves", http.StatusOK, want)
			if took := servers[1].takes(t, "/halves", http.StatusOK, want); took > soon {
				t.Errorf("the other server took %s to get to the last version", took)
			}
			close(stop)
			readers.Wait()
			t.Logf("%d versions in 4 s, %d answers; one client saw up to %d and %d versions", last, answers.Load(), seen[0].Load(), seen[1].Load())
			if seen[1].Load() < 4 {
				t.Errorf("clients of the other server saw %d versions only", seen[1].Load())
			}
			end(t, servers[:]...)
		})
	}
}

// readHalves runs the workflow over and over and notes how many versions it saw.
func readHalves(t *testing.T, p *process, stop <-chan struct{}, answers, seen *atomic.Int64) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
	defer client.CloseIdleConnections()
	latest, versions := 0, int64(0)
	for {
		select {
		case <-stop:
			if versions > seen.Load() {
				seen.Store(versions)
			}
			return
		default:
		}
		answer, err := client.Do(request(t, http.MethodGet, p.base+"/halves", nil))
		if err != nil {
			t.Error(err)
			return
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		one, two, ok := strings.Cut(string(body), " ")
		n, notNumber := strconv.Atoi(one)
		if err != nil || answer.StatusCode != http.StatusOK || !ok || one != two || notNumber != nil {
			t.Errorf("status %d, %q %v", answer.StatusCode, body, err)
			return
		}
		if n < latest {
			t.Errorf("version %d after %d", n, latest)
			return
		}
		if n > latest {
			versions++
		}
		latest = n
		answers.Add(1)
	}
}

// TestStateWritersOnBoth publishes the same workflows on both servers at once:
// every version is kept under a number of its own, and both end up serving the
// one that the database calls active.
func TestStateWritersOnBoth(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgres, onPostgresAndRedis} {
		t.Run(place.name, func(t *testing.T) {
			servers := servePair(t, place.settings(t))
			const rounds, ids = 25, 4
			var mu sync.Mutex
			wrote := map[string]string{} // "id version" -> text
			var writers sync.WaitGroup
			for n := range 8 {
				writers.Go(func() {
					for round := range rounds {
						id, text := fmt.Sprintf("flow-%d", (n+round)%ids), fmt.Sprintf("writer %d round %d", n, round)
						status, version := putVersion(t, servers[n%2].base, id, scripted(id, "return '"+text+"';"))
						if status != http.StatusOK && status != http.StatusCreated {
							t.Errorf("%s: status %d", id, status)
							return
						}
						mu.Lock()
						if other, taken := wrote[fmt.Sprint(id, " ", version)]; taken {
							t.Errorf("%s version %d is both %q and %q", id, version, other, text)
						}
						wrote[fmt.Sprint(id, " ", version)] = text
						mu.Unlock()
					}
				})
			}
			writers.Wait()
			time.Sleep(soon)
			for n := range ids {
				id := fmt.Sprintf("flow-%d", n)
				versions := servers[0].versions(id)
				active := slices.IndexFunc(versions, func(v version) bool { return v.Active })
				if len(versions) != 8*rounds/ids || active < 0 {
					t.Fatalf("%s has %d versions, want %d; active is %d", id, len(versions), 8*rounds/ids, active)
				}
				for _, p := range servers {
					p.takes(t, "/"+id, http.StatusOK, wrote[fmt.Sprint(id, " ", versions[active].Version)])
				}
			}
			end(t, servers[:]...)
		})
	}
}

// TestStateSameIfMatchOnBoth lets a writer on each server replace the same version
// at once: one wins, the other is told, and both servers serve the winner's.
func TestStateSameIfMatchOnBoth(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgres} {
		t.Run(place.name, func(t *testing.T) {
			servers := servePair(t, place.settings(t))
			const path = "/api/admin/workflows/shared"
			publishOnBoth(t, servers, "shared", "return 'zero';")
			for round := range 10 {
				tag := servers[round%2].admin(http.MethodGet, path, "").want(http.StatusOK, "").header.Get("ETag")
				var both sync.WaitGroup
				var status [2]int
				for n, p := range servers {
					r := adminRequest(t, http.MethodPut, p.base+path, scripted("shared", fmt.Sprintf("return 'round %d writer %d';", round, n)), "If-Match", tag)
					both.Go(func() { status[n], _ = p.send(t, r) })
				}
				both.Wait()
				winner := slices.Index(status[:], http.StatusOK)
				if winner < 0 || status[1-winner] != http.StatusPreconditionFailed {
					t.Fatalf("round %d: the writers got %v, want one 200 and one 412", round, status)
				}
				for _, p := range servers {
					p.takes(t, "/shared", http.StatusOK, fmt.Sprintf("round %d writer %d", round, winner))
				}
			}
			end(t, servers[:]...)
		})
	}
}
