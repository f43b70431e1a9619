//go:build linux

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

// ledger is what publishers were promised.
type ledger struct {
	mu    sync.Mutex
	texts map[string]string // by id
	runs  int
	lost  []loss
}

// loss is a request without a good answer.
type loss struct {
	at   time.Time
	what string
}

func (l *ledger) lose(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = append(l.lost, loss{time.Now(), fmt.Sprintf(format, args...)})
}

// publishAndRun publishes workflows of one client and runs each once, wherever the
// balancer leads.
func (l *ledger) publishAndRun(t *testing.T, base string, client int, stop <-chan struct{}) {
	c := &http.Client{Transport: &http.Transport{}, Timeout: patience}
	defer c.CloseIdleConnections()
	do := func(r *http.Request) (int, string) {
		answer, err := c.Do(r)
		if err != nil {
			return 0, err.Error()
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return 0, err.Error()
		}
		return answer.StatusCode, string(body)
	}
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		id := fmt.Sprintf("flow-%d-%d", client, n)
		text := "I am " + id
		status, body := do(adminRequest(t, http.MethodPut, base+"/api/admin/workflows/"+id, scripted(id, "return '"+text+"';")))
		if status != http.StatusCreated {
			l.lose("publishing %s: %d %s", id, status, body)
			continue
		}
		l.mu.Lock()
		l.texts[id] = text
		l.mu.Unlock()
		// The other server may not know it for a moment.
		for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
			status, body = do(request(t, http.MethodGet, base+"/"+id, nil))
			if status != http.StatusNotFound || time.Since(began) > soon {
				break
			}
		}
		if status != http.StatusOK || body != text {
			l.lose("running %s: %d %s", id, status, body)
			continue
		}
		l.mu.Lock()
		l.runs++
		l.mu.Unlock()
	}
}

// TestStateKillOneOfTwo kills one of two servers behind a balancer while clients
// publish workflows and run them. Only requests that were under way on it may fail;
// no acknowledged version is lost, and the other server serves every one.
func TestStateKillOneOfTwo(t *testing.T) {
	s := onPostgresAndRedis.settings(t)
	servers := servePair(t, s)
	front := balance(t, servers[:]...)
	const clients = 16
	l := &ledger{texts: map[string]string{}}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for n := range clients {
		all.Go(func() { l.publishAndRun(t, front.URL, n, stop) })
	}
	time.Sleep(3 * time.Second)
	l.mu.Lock()
	before := len(l.texts)
	l.mu.Unlock()
	killed := time.Now()
	servers[1].kill()
	dead := time.Now()
	time.Sleep(3 * time.Second)
	close(stop)
	all.Wait()

	t.Logf("%d workflows were acknowledged before the kill, %d after; %d runs; %d requests failed", before, len(l.texts)-before, l.runs, len(l.lost))
	if before < clients || len(l.texts)-before < clients {
		t.Error("too few to say anything")
	}
	if len(l.lost) > clients {
		t.Errorf("%d requests failed, but each client has only one under way", len(l.lost))
	}
	for _, lost := range l.lost {
		t.Log(lost.what)
		if lost.at.Before(killed) || lost.at.After(dead.Add(soon)) {
			t.Errorf("%s from the kill: %s", lost.at.Sub(killed), lost.what)
		}
	}
	l.wantServed(t, servers[0])
	again := serve(t, t.TempDir(), s.text())
	l.wantServed(t, again)
	end(t, servers[0], servers[1], again)
}

// wantServed runs every acknowledged workflow on one server.
func (l *ledger) wantServed(t *testing.T, p *process) {
	t.Helper()
	missing := 0
	for id, text := range l.texts {
		if status, body := p.send(t, request(t, http.MethodGet, p.base+"/"+id, nil)); status != http.StatusOK || body != text {
			if missing++; missing <= 5 {
				t.Errorf("%s was acknowledged, and answers %d %s", id, status, body)
			}
		}
	}
	if missing > 5 {
		t.Errorf("%d of %d are not served", missing, len(l.texts))
	}
}
