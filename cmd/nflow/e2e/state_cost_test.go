//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	costRounds   = 7
	costRequests = 4_000 // of one round for one server
	costClients  = 4
)

// costFlow has a start and four scripts, as small as a workflow comes.
const costFlow = `{
	"start": {"data": {"type": "httpstart", "path": "/cost"}, "outputs": {"output": {"connections": [{"node": "a"}]}}},
	"a": {"data": {"type": "js", "script": "payload.a = 1; return payload;"}, "outputs": {"output_1": {"connections": [{"node": "b"}]}}},
	"b": {"data": {"type": "js", "script": "payload.b = payload.a + 1; return payload;"}, "outputs": {"output_1": {"connections": [{"node": "c"}]}}},
	"c": {"data": {"type": "js", "script": "payload.c = payload.b + 1; return payload;"}, "outputs": {"output_1": {"connections": [{"node": "d"}]}}},
	"d": {"data": {"type": "js", "script": "return {sum: payload.a + payload.b + payload.c};"}}}`

// TestMeasureCostOfRecords measures what it costs to record runs, and to track
// nodes as well: processor time of the server and its processes for a thousand
// requests, with the servers in turn so that a busy machine bothers all alike. It
// asserts nothing; NFLOW_MEASURE=1 runs it.
func TestMeasureCostOfRecords(t *testing.T) {
	if os.Getenv("NFLOW_MEASURE") != "1" {
		t.Skip("NFLOW_MEASURE=1 measures")
	}
	for _, isolation := range []string{"in_process", "process"} {
		t.Run(isolation, func(t *testing.T) {
			kinds := []string{"nothing", "records", "tracker"}
			var servers []*process
			for _, kind := range kinds {
				s := settings{}.with("vm_pool", fmt.Sprintf("isolation = %q", isolation), "max_size = 4", "preload_size = 4")
				switch kind {
				case "nothing":
					s = s.with("runs", "keep = 0")
				case "tracker":
					s = s.with("tracker", "enabled = true")
				}
				p := serve(t, t.TempDir(), s.text())
				p.admin(http.MethodPut, "/api/admin/workflows/cost", costFlow).want(http.StatusCreated, "")
				costRound(t, p, costRequests)
				servers = append(servers, p)
			}
			costs := make([][]float64, len(kinds))
			for round := range costRounds {
				for turn := range servers {
					n := (round + turn) % len(servers) // nobody is always the first
					costs[n] = append(costs[n], costRound(t, servers[n], costRequests))
				}
			}
			base := median(costs[0])
			for n, kind := range kinds {
				ratios := make([]float64, costRounds)
				for round := range ratios {
					ratios[round] = costs[n][round] / costs[0][round]
				}
				t.Logf("%-8s %6.1f ms of processor time for 1,000 requests (%.1f to %.1f), %.2f times nothing; ratio of each round %.2f",
					kind, median(costs[n]), slices.Min(costs[n]), slices.Max(costs[n]), median(costs[n])/base, ratios)
			}
			end(t, servers...)
		})
	}
}

// costRound makes requests and returns the milliseconds of processor time that
// 1,000 of them took, what was written afterwards included.
func costRound(t *testing.T, p *process, requests int) float64 {
	t.Helper()
	before := p.processorTime()
	transport := &http.Transport{MaxIdleConnsPerHost: costClients}
	client := &http.Client{Transport: transport, Timeout: patience}
	var all sync.WaitGroup
	for range costClients {
		all.Go(func() {
			for range requests / costClients {
				answer, err := client.Do(request(t, http.MethodGet, p.base+"/cost", nil))
				if err != nil {
					t.Error(err)
					return
				}
				if body := readAll(answer); body != `{"sum":6}` {
					t.Errorf("status %d: %s", answer.StatusCode, body)
					return
				}
			}
		})
	}
	all.Wait()
	transport.CloseIdleConnections()
	time.Sleep(time.Second) // records and rows are written meanwhile
	return float64((p.processorTime() - before).Microseconds()) / 1000 / float64(requests) * 1000
}

// processorTime is what the server and its processes have used, those that ended
// included.
func (p *process) processorTime() time.Duration {
	p.t.Helper()
	var ticks int64
	for _, pid := range append(p.workers(), p.cmd.Process.Pid) {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			continue // it ended meanwhile
		}
		_, after, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(after)
		for _, n := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
			used, err := strconv.ParseInt(fields[n], 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			ticks += used
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond // 100 a second on every Linux
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
