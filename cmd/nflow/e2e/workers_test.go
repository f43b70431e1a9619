//go:build linux

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// workers are the process ids of the children of a server.
func (p *process) workers() []int {
	p.t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		p.t.Fatal(err)
	}
	var found []int
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		_, after, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(after); len(fields) > 1 && fields[1] == strconv.Itoa(p.cmd.Process.Pid) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}

// alive reports whether a process runs; one that only waits for init to collect
// it does not.
func alive(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(text), ") ")
	return err == nil && !strings.HasPrefix(after, "Z")
}

// until waits for a condition and says how long it took.
func until(t *testing.T, what string, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for ; !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("never: %s", what)
		}
	}
	return time.Since(began)
}

// killEvery is longer than a process takes to start, even on a busy machine.
const killEvery = 100 * time.Millisecond

const poolOfEight = "[vm_pool]\nmax_size = 8\npreload_size = 8\n"

// TestWorkersKilledUnderLoad kills processes that run scripts, at random, while
// clients are served: only the runs inside them may fail, and they say why.
func TestWorkersKilledUnderLoad(t *testing.T) {
	lasting := 30 * time.Second
	if testing.Short() {
		lasting = 3 * time.Second
	}
	document, err := os.ReadFile("testdata/load.json")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t, t.TempDir(), poolOfEight)
	p.admin(http.MethodPut, "/api/admin/workflows/load", string(document)).want(http.StatusCreated, "")
	until(t, "the pool is full", func() bool { return len(p.workers()) == 8 })

	client := &http.Client{Timeout: patience}
	var right, lost, killed atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := 0; time.Since(began) < lasting; i++ {
				err := loadOnce(t.Context(), client, p.base, n, i)
				switch {
				case err == nil:
					right.Add(1)
				case strings.Contains(err.Error(), "status 503") && strings.Contains(err.Error(), "ended from outside"):
					lost.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for time.Since(began) < lasting {
			if pids := p.workers(); len(pids) > 0 {
				_ = syscall.Kill(pids[rand.N(len(pids))], syscall.SIGKILL)
				killed.Add(1)
			}
			time.Sleep(killEvery)
		}
	})
	all.Wait()
	if lost.Load() > killed.Load() || right.Load() < 100 {
		t.Errorf("%d right answers, %d lost runs for %d kills", right.Load(), lost.Load(), killed.Load())
	}
	refilled := until(t, "the pool is full again", func() bool { return len(p.workers()) == 8 })
	t.Logf("%d kills, %d runs lost, %d right answers; the pool was full again after %s", killed.Load(), lost.Load(), right.Load(), refilled)
	client.CloseIdleConnections()
	p.stop()
}

// TestKilledServerLeavesNoWorkers kills the server while one of its processes is
// in a loop that only a kill ends.
func TestKilledServerLeavesNoWorkers(t *testing.T) {
	p := serve(t, t.TempDir(), poolOfEight)
	p.admin(http.MethodPut, "/api/admin/workflows/busy", flat("/busy", "console.log('inside'); new Array(3e7).fill(1).sort()")).want(http.StatusCreated, "")
	until(t, "the pool is full", func() bool { return len(p.workers()) == 8 })
	go func() {
		answer, err := http.Get(p.base + "/busy")
		if err == nil {
			answer.Body.Close()
		}
	}()
	until(t, "the script runs", func() bool { return strings.Contains(p.stderr.String(), "inside") })
	workers := p.workers()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	took := until(t, "every worker is gone", func() bool {
		for _, pid := range workers {
			if alive(pid) {
				return false
			}
		}
		return true
	})
	t.Logf("%d workers were gone after %s", len(workers), took)
}

// flat is a workflow of a start and a script.
func flat(path, script string) string {
	return fmt.Sprintf(`{
		"start": {"data": {"type": "httpstart", "path": %q}, "outputs": {"output": {"connections": [{"node": "js"}]}}},
		"js": {"data": {"type": "js", "script": %s}}}`, path, strconv.Quote(script))
}
