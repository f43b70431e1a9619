//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/attack"
)

const (
	attackTime = 300 * time.Millisecond // what each attack may take
	// attackSlack is for machines that do other things too: how long the request
	// around a script may take beside it.
	attackSlack = 5 * time.Second
	// attackers is how many attack at once.
	attackers = 1
)

// attackConfig has small limits, and no analysis that would refuse the attacks.
func attackConfig() string {
	memory := 128
	if raceEnabled {
		memory = 0 // the detector's own memory has no bounds
	}
	return fmt.Sprintf(`
[vm_pool]
isolation = "process"
max_execution_seconds = %q
max_operations = 5000000
max_memory_mb = %d
max_size = 8
preload_size = 4
[security]
enable_static_analysis = false
[limits]
max_payload_bytes = 4194304
`, attackTime, memory)
}

// hostile are the attacks that the product can hold as this test is built.
func hostile(t *testing.T) []attack.Script {
	t.Helper()
	scripts, err := attack.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	if raceEnabled {
		scripts = slices.DeleteFunc(scripts, func(s attack.Script) bool {
			return s.Hard && slices.Contains(s.Ends, attack.ByMemory)
		})
	}
	return scripts
}

// TestAttack publishes hostile workflows, one after the other, and calls them
// beside a healthy one.
func TestAttack(t *testing.T) {
	p := serve(t, t.TempDir(), attackConfig())
	p.publish("healthy", "return { n: Number(vars.n || 21) * 2, clean: Object.keys(Object.prototype).length === 0 && typeof leftover2 === 'undefined' };")
	for range 20 {
		p.healthy(t)
	}
	quiet := pulse{}
	for range 100 {
		quiet.add(p.healthy(t))
	}
	before := p.resident()

	beside, stop, stopped := pulse{}, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				beside.add(p.healthy(t))
			}
		}
	}()
	var wg sync.WaitGroup
	work := make(chan attack.Script)
	for range attackers {
		wg.Go(func() {
			for s := range work {
				p.attack(t, s)
			}
		})
	}
	for _, s := range hostile(t) {
		work <- s
	}
	close(work)
	wg.Wait()
	close(stop)
	<-stopped

	t.Logf("healthy: alone p50 %s p99 %s, beside %d attacks p50 %s p99 %s in %d runs", quiet.percentile(50), quiet.percentile(99),
		len(hostile(t)), beside.percentile(50), beside.percentile(99), len(beside))
	grown := p.resident() - before
	t.Logf("the server grew by %d MiB", grown>>20)
	if grown > 64<<20 && !raceEnabled {
		t.Errorf("the server grew by %d MiB, want less than 64", grown>>20)
	}
	p.healthy(t)
	p.stop()
}

// attack publishes and calls one script. One that is refused when it is
// published is held as well.
func (p *process) attack(t *testing.T, s attack.Script) {
	r := adminRequest(t, http.MethodPut, p.base+"/api/admin/workflows/"+s.Name, scripted(s.Name, s.Code))
	status, body := p.send(t, r)
	if status >= 400 && status < 500 {
		if !slices.Contains(s.Ends, attack.ByError) {
			t.Errorf("%s was not published: %d %s", s.Name, status, body)
		}
		return
	}
	if status != http.StatusCreated {
		t.Errorf("%s: publishing gave %d %s", s.Name, status, body)
		return
	}
	start := time.Now()
	status, body = p.send(t, request(t, http.MethodGet, p.base+"/"+s.Name, nil))
	took := time.Since(start)
	if most := attackTime + attack.Grace; took > most {
		t.Logf("%s took %s, %s more than promised", s.Name, took, took-most)
		if took > most+attackSlack {
			t.Errorf("%s took %s", s.Name, took)
		}
	}
	if problem := judge(s, status, body); problem != "" {
		t.Errorf("%s: %s: %d %.300s", s.Name, problem, status, body)
	}
}

// judge says what is wrong with the answer to an attack; empty = nothing.
func judge(s attack.Script, status int, body string) string {
	var fault struct {
		Code, Limit, Node string
		Line              int
	}
	_ = json.Unmarshal([]byte(body), &fault) // a page of the script's own has none of it
	switch {
	case strings.Contains(body, "escaped"):
		return "it escaped"
	case status < 400:
		if !slices.Contains(s.Ends, attack.Harmless) {
			return "it ended well"
		}
	case fault.Limit != "":
		ending := attack.ByLimit(fault.Limit)
		if status != http.StatusRequestTimeout || fault.Code != "limit_exceeded" || fault.Node != "work" {
			return "the limit, its status or its node is wrong"
		}
		if ending != attack.ByTime && !slices.Contains(s.Ends, ending) {
			return "not the limit that should stop it"
		}
		if ending == attack.ByOperations && fault.Line == 0 {
			return "no line"
		}
	case fault.Code == "internal" && !slices.Contains(s.Ends, attack.Broken):
		return "the engine failed"
	case !slices.Contains(s.Ends, attack.ByError):
		return "an error nobody expects"
	}
	return ""
}

// healthy calls the healthy workflow, and returns how long it took.
func (p *process) healthy(t *testing.T) time.Duration {
	start := time.Now()
	status, body := p.send(t, request(t, http.MethodGet, p.base+"/healthy", nil))
	if status != http.StatusOK || body != `{"n":42,"clean":true}` {
		t.Errorf("the healthy workflow answered %d %s", status, body)
	}
	return time.Since(start)
}

func (p *process) send(t *testing.T, r *http.Request) (int, string) {
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, strings.TrimSpace(string(body))
}

// resident is the memory the server holds, in bytes; 0 where nobody says.
func (p *process) resident() int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kib int64
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}

// pulse is how long healthy runs took.
type pulse []time.Duration

func (p *pulse) add(d time.Duration) { *p = append(*p, d) }

func (p pulse) percentile(percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(p))
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}
