//go:build unix

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestStopUnderLoad sends SIGTERM while requests are under way: whoever was
// accepted is answered in full.
func TestStopUnderLoad(t *testing.T) {
	p := serve(t, t.TempDir(), "")
	p.publish("work", "console.log('began'); sleep(150); return 'done';")
	var answered, refused atomic.Int64
	var all sync.WaitGroup
	stopped := make(chan struct{})
	for range 20 {
		all.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: patience}
			defer client.CloseIdleConnections()
			for {
				answer, err := client.Do(request(t, http.MethodGet, p.base+"/work", nil))
				if err != nil { // only somebody who came after the signal is turned away
					select {
					case <-stopped:
						refused.Add(1)
					default:
						t.Errorf("before the signal: %v", err)
					}
					return
				}
				body, err := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				if err != nil || answer.StatusCode != http.StatusOK || string(body) != "done" {
					t.Errorf("answer %d %q %v", answer.StatusCode, body, err)
					return
				}
				answered.Add(1)
			}
		})
	}
	time.Sleep(time.Second)
	close(stopped)
	p.signal(syscall.SIGTERM)
	all.Wait()
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, tail(p.stderr.String()))
	}
	began := int64(countLog(p, "began"))
	t.Logf("%d runs began, %d answered, %d clients refused", began, answered.Load(), refused.Load())
	if began != answered.Load() {
		t.Errorf("%d runs began but %d were answered", began, answered.Load())
	}
}

// TestKillKeepsWhatWasPublished kills the server while workflows are published:
// every acknowledged one is served after a restart.
func TestKillKeepsWhatWasPublished(t *testing.T) {
	folder := t.TempDir()
	p := serve(t, folder, "")
	var acknowledged atomic.Int64
	var publisher sync.WaitGroup
	publisher.Go(func() {
		for n := 0; ; n++ {
			id := fmt.Sprintf("flow-%d", n)
			r := adminRequest(t, http.MethodPut, p.base+"/api/admin/workflows/"+id, scripted(id, "return 'I am "+id+"';"))
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return // killed
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusCreated {
				t.Errorf("%s: status %d", id, answer.StatusCode)
				return
			}
			acknowledged.Store(int64(n + 1))
		}
	})
	for acknowledged.Load() < 30 && !t.Failed() {
		time.Sleep(time.Millisecond)
	}
	p.signal(syscall.SIGKILL)
	publisher.Wait()
	p = serve(t, folder, "")
	for n := range acknowledged.Load() {
		id := fmt.Sprintf("flow-%d", n)
		newBrowser(t, p.base).get("/"+id).want(http.StatusOK, "I am "+id)
	}
	t.Logf("%d workflows were acknowledged before the kill; all are served", acknowledged.Load())
	p.stop()
}
