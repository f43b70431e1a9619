//go:build linux

package e2e

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const crashClients = 64

// crashScale is how many publishes a server gets before it is killed, and how much
// time for them.
func crashScale() (publishes int64, most time.Duration) {
	if raceEnabled || testing.Short() {
		return 1_000, 10 * time.Second
	}
	return 10_000, 15 * time.Second
}

// TestStateKillDuringPublishes kills a server while 64 clients publish up to 10,000
// versions of a hundred workflows. Afterwards every acknowledged version is there
// byte for byte under its number, numbers have no gaps, no version is half written,
// and each workflow is served in its last version.
func TestStateKillDuringPublishes(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgres} {
		t.Run(place.name, func(t *testing.T) {
			s := place.settings(t)
			folder := t.TempDir()
			p := serve(t, folder, s.text())
			publishes, most := crashScale()
			var acknowledged atomic.Int64
			var mu sync.Mutex
			promised := map[string]map[int]string{} // document by id and version
			var all sync.WaitGroup
			for n := range crashClients {
				all.Go(func() {
					for i := 0; ; i++ {
						id := fmt.Sprintf("flow-%d", rand.N(100))
						document := scripted(id, fmt.Sprintf("return 'client %d publish %d';", n, i))
						status, number := putVersion(t, p.base, id, document)
						if status == 0 { // killed
							return
						}
						if status != http.StatusOK && status != http.StatusCreated {
							t.Errorf("%s: status %d", id, status)
							return
						}
						acknowledged.Add(1)
						mu.Lock()
						if promised[id] == nil {
							promised[id] = map[int]string{}
						}
						promised[id][number] = document
						mu.Unlock()
					}
				})
			}
			began := time.Now()
			for acknowledged.Load() < publishes && time.Since(began) < most && !t.Failed() {
				time.Sleep(time.Millisecond)
			}
			took := time.Since(began)
			p.kill()
			all.Wait()
			t.Logf("%d versions of %d workflows were acknowledged in %.1f s", acknowledged.Load(), len(promised), took.Seconds())

			p = serve(t, folder, s.text())
			driver, dsn := s.dsn(t)
			checkCrash(t, p, openSQL(t, driver, dsn), promised)
			end(t, p)
		})
	}
}

// checkCrash compares what was promised with what is stored and served.
func checkCrash(t *testing.T, p *process, db *sql.DB, promised map[string]map[int]string) {
	t.Helper()
	stored := storedVersions(t, db)
	served := map[string]string{}
	for id, documents := range promised {
		for number, document := range documents {
			if got := stored[id][number]; !bytes.Equal(got, []byte(document)) {
				t.Errorf("%s version %d was acknowledged, and is %q, want %q", id, number, got, document)
			}
		}
		last := len(stored[id])
		for number := 1; number <= last; number++ {
			if len(stored[id][number]) == 0 {
				t.Errorf("%s has %d versions, but no %d", id, last, number)
			}
		}
		document := string(stored[id][last])
		answer := p.admin(http.MethodGet, "/api/admin/workflows/"+id, "").want(http.StatusOK, "")
		if answer.body != document || answer.header.Get("ETag") != fmt.Sprintf("%q", fmt.Sprint(last)) {
			t.Errorf("the active version of %s is %s %q, want %d %q", id, answer.header.Get("ETag"), answer.body, last, document)
		}
		served[id] = document
	}
	for id, document := range served {
		status, body := p.send(t, request(t, http.MethodGet, p.base+"/"+id, nil))
		if status != http.StatusOK || !bytes.Contains([]byte(document), []byte("'"+body+"'")) {
			t.Errorf("%s answers %d %s, not what %s says", id, status, body, document)
		}
	}
	if diff := len(stored) - len(promised); diff < 0 || diff > crashClients {
		t.Errorf("%d workflows are stored, %d were acknowledged", len(stored), len(promised))
	}
}

// storedVersions are the documents in the database, by id and version. Every one
// must be of a workflow, and each workflow's last version the active one.
func storedVersions(t *testing.T, db *sql.DB) map[string]map[int][]byte {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT w.id, w.active, w.last_version, v.version, v.document
		FROM nf_workflow_versions v LEFT JOIN nf_workflows w ON w.id = v.workflow ORDER BY w.id, v.version`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found, lasts := map[string]map[int][]byte{}, map[string]int{}
	for rows.Next() {
		var id string
		var active, last, number int
		var document []byte
		if err := rows.Scan(&id, &active, &last, &number, &document); err != nil {
			t.Fatal(err)
		}
		if active != last {
			t.Errorf("the active version of %s is %d, the last one %d", id, active, last)
		}
		if found[id] == nil {
			found[id] = map[int][]byte{}
		}
		found[id][number], lasts[id] = document, last
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id, last := range lasts {
		if len(found[id]) != last {
			t.Errorf("%s has %d versions, the last is %d", id, len(found[id]), last)
		}
	}
	return found
}
