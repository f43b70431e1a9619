//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const loadClients = 200

func loadTime() time.Duration {
	if testing.Short() {
		return 3 * time.Second
	}
	return 10 * time.Second
}

// TestLoad has many clients at once, each with data of its own, and expects
// every answer to be about them alone, and the server to come to rest after.
func TestLoad(t *testing.T) {
	t.Run("in_process", func(t *testing.T) {
		testLoad(t, "[vm_pool]\nisolation = \"in_process\"\n", 16, 60)
	})
	t.Run("process", func(t *testing.T) { // each worker process takes four files and a few goroutines
		testLoad(t, "[vm_pool]\nmax_size = 8\npreload_size = 8\n", 16+4*8, 60+4*8)
	})
}

func testLoad(t *testing.T, config string, restFiles, restGoroutines int) {
	document, err := os.ReadFile("testdata/load.json")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t, t.TempDir(), config+"[monitor]\nenable_detailed_metrics = true\n")
	p.admin(http.MethodPut, "/api/admin/workflows/load", string(document)).want(http.StatusCreated, "")
	warm := &http.Transport{}
	if err := loadOnce(t.Context(), &http.Client{Transport: warm}, p.base, 0, 0); err != nil {
		t.Fatal(err)
	}
	warm.CloseIdleConnections()
	p.wantRest(restFiles, restGoroutines)
	files, goroutines := p.openFiles(), p.goroutines()

	transport := &http.Transport{MaxIdleConnsPerHost: loadClients, MaxConnsPerHost: loadClients}
	client := &http.Client{Transport: transport, Timeout: patience}
	var answered, failed atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for n := range loadClients {
		all.Go(func() {
			for i := 0; time.Since(began) < loadTime(); i++ {
				if err := loadOnce(t.Context(), client, p.base, n, i); err != nil {
					if failed.Add(1) <= 5 {
						t.Error(err)
					}
					return
				}
				answered.Add(1)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	t.Logf("%d clients, %d answers in %.1f s: %.0f a second; %d failed", loadClients, answered.Load(), took.Seconds(),
		float64(answered.Load())/took.Seconds(), failed.Load())
	if answered.Load() < loadClients {
		t.Errorf("only %d answers", answered.Load())
	}
	transport.CloseIdleConnections()
	p.wantRest(files+8, goroutines+8)
	p.stop()
}

// loadOnce orders something only this client knows and checks the answer.
func loadOnce(ctx context.Context, client *http.Client, base string, n, i int) error {
	secret := fmt.Sprintf("client-%d-request-%d", n, i)
	body, err := json.Marshal(map[string]any{"secret": secret, "n": n, "i": i})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/load/"+secret, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	want := fmt.Sprintf("<p>%s</p><p>%s</p><p>%d</p><p>1</p>", secret, secret, 2*n+i)
	if answer.StatusCode != http.StatusOK || string(got) != want {
		return fmt.Errorf("%s: status %d, %s", secret, answer.StatusCode, got)
	}
	return nil
}

// openFiles counts the file descriptors of the server.
func (p *process) openFiles() int {
	p.t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	return len(entries)
}

var goroutineLine = regexp.MustCompile(`(?m)^go_goroutines (\d+)`)

// goroutines is what the metrics say.
func (p *process) goroutines() int {
	p.t.Helper()
	b := newBrowser(p.t, p.base)
	transport := &http.Transport{DisableKeepAlives: true}
	b.client.Transport = transport
	m := goroutineLine.FindStringSubmatch(b.get("/metrics").want(http.StatusOK, "go_goroutines").body)
	if m == nil {
		p.t.Fatal("the metrics do not count goroutines")
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

// wantRest waits until the server holds no more than so much.
func (p *process) wantRest(files, goroutines int) {
	p.t.Helper()
	var f, g int
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		f, g = p.openFiles(), p.goroutines()
		if f <= files && g <= goroutines {
			p.t.Logf("at rest: %d open files, %d goroutines", f, g)
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%d open files and %d goroutines remain, want at most %d and %d", f, g, files, goroutines)
		}
	}
}
