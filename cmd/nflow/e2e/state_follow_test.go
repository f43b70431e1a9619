//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// soon is how long a server may serve what another has replaced.
const soon = time.Second

// TestStatePublishingIsFollowed publishes, rolls back and deletes on one server,
// twenty times each, and measures how long the other takes to do the same.
func TestStatePublishingIsFollowed(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgres, onPostgresAndRedis} {
		t.Run(place.name, func(t *testing.T) {
			servers := servePair(t, place.settings(t))
			put, back, gone := pulse{}, pulse{}, pulse{}
			for first := 0; first < 20; first += 5 {
				batch := newBatch(servers, first, 5)
				put = append(put, batch.do(t, http.StatusOK, "first", func(f followed) page { return f.put("first").want(http.StatusCreated, "") })...)
				put = append(put, batch.do(t, http.StatusOK, "second", func(f followed) page { return f.put("second").want(http.StatusOK, "") })...)
				back = append(back, batch.do(t, http.StatusOK, "first", func(f followed) page {
					return f.writer.admin(http.MethodPost, f.api+"/versions/1/activate", "").want(http.StatusOK, "")
				})...)
				gone = append(gone, batch.do(t, http.StatusNotFound, "", func(f followed) page {
					return f.writer.admin(http.MethodDelete, f.api, "").want(http.StatusNoContent, "")
				})...)
			}
			for what, p := range map[string]pulse{"put": put, "rollback": back, "delete": gone} {
				t.Logf("%s: p50 %s, max %s", what, p.percentile(50).Round(time.Millisecond), p.percentile(100).Round(time.Millisecond))
				if p.percentile(100) > soon {
					t.Errorf("%s took up to %s", what, p.percentile(100))
				}
			}
			end(t, servers[:]...)
		})
	}
}

// followed is a workflow that is changed on one server and read on the other.
type followed struct {
	writer, reader *process
	path, api      string
}

func (f followed) put(text string) page {
	return f.writer.admin(http.MethodPut, f.api, scripted(f.path[1:], "return '"+text+"';"))
}

// batch is workflows that change one after the other and are waited for together,
// as a server may look twice a second only.
type batch []followed

func newBatch(servers [2]*process, first, count int) batch {
	var b batch
	for n := first; n < first+count; n++ {
		path := fmt.Sprintf("/flow-%d", n)
		writer := first / count % 2
		b = append(b, followed{writer: servers[writer], reader: servers[1-writer], path: path, api: "/api/admin/workflows" + path})
	}
	return b
}

// do changes each workflow and returns how long after its acknowledgement the
// other server took to answer like that.
func (b batch) do(t *testing.T, status int, body string, change func(followed) page) pulse {
	t.Helper()
	acknowledged := make([]time.Time, len(b))
	for n, f := range b {
		change(f)
		acknowledged[n] = time.Now()
	}
	var took pulse
	for n, f := range b {
		f.reader.takes(t, f.path, status, body)
		took.add(time.Since(acknowledged[n]))
	}
	return took
}

// takes waits for an answer and says how long it took.
func (p *process) takes(t *testing.T, path string, status int, body string) time.Duration {
	t.Helper()
	began := time.Now()
	for {
		gotStatus, got := p.send(t, request(t, http.MethodGet, p.base+path, nil))
		took := time.Since(began)
		if gotStatus == status && (body == "" || got == body) {
			return took
		}
		if took > patience {
			t.Fatalf("%s answers %d %s, want %d %s", path, gotStatus, got, status, body)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
