//go:build linux

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// stampede is many clients at once against some servers.
type stampede struct {
	requests int
	limit    int           // as X-RateLimit-Limit says
	every    time.Duration // in which one more may pass
	// request makes the request n to a server.
	request func(n int, base string) *http.Request
}

// verdict is what servers said to a stampede.
type verdict struct {
	admitted  int
	refused   int
	remaining []int // of the admitted
	took      time.Duration
	every     time.Duration
}

const (
	stampedeClients = 64
	hour            = time.Hour
)

// run lets every client ask the servers in turn. Whatever is neither admitted nor
// refused as it should be fails the test.
func (s stampede) run(t *testing.T, servers ...*process) verdict {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: stampedeClients}
	client := &http.Client{Transport: transport, Timeout: patience}
	defer transport.CloseIdleConnections()
	v := verdict{every: s.every}
	var mu sync.Mutex
	var all sync.WaitGroup
	began := time.Now()
	for c := range stampedeClients {
		all.Go(func() {
			for n := c; n < s.requests; n += stampedeClients {
				answer, err := client.Do(s.request(n, servers[n%len(servers)].base))
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				mu.Lock()
				v.add(t, s, answer, string(body), err)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	v.took = time.Since(began)
	slices.Sort(v.remaining)
	t.Logf("%d requests in %s: %d admitted, %d refused", s.requests, v.took.Round(time.Millisecond), v.admitted, v.refused)
	return v
}

func (v *verdict) add(t *testing.T, s stampede, answer *http.Response, body string, err error) {
	number := func(header string) int {
		n, err := strconv.Atoi(answer.Header.Get(header))
		if err != nil {
			t.Errorf("%d has %s %q", answer.StatusCode, header, answer.Header.Get(header))
		}
		return n
	}
	remaining, reset := number("X-RateLimit-Remaining"), int64(number("X-RateLimit-Reset"))
	if got := number("X-RateLimit-Limit"); got != s.limit {
		t.Errorf("X-RateLimit-Limit is %d, want %d", got, s.limit)
	}
	if now := time.Now().Unix(); reset < now || reset > now+3601 {
		t.Errorf("X-RateLimit-Reset is %d seconds from now", reset-now)
	}
	switch {
	case err != nil:
		t.Error(err)
	case answer.StatusCode == http.StatusOK:
		v.admitted++
		v.remaining = append(v.remaining, remaining)
	case answer.StatusCode == http.StatusTooManyRequests:
		v.refused++
		if after := number("Retry-After"); after < 1 || after > int(s.every/time.Second) || remaining != 0 {
			t.Errorf("a refusal with Retry-After %d, remaining %d", after, remaining)
		}
		var problem struct{ Code, Limit string }
		if json.Unmarshal([]byte(body), &problem) != nil || problem.Code != "limit_exceeded" || problem.Limit == "" {
			t.Errorf("the refusal says %s", body)
		}
	default:
		t.Errorf("status %d: %s", answer.StatusCode, body)
	}
}

// wantAdmitted expects that exactly so many passed, and those that came back
// meanwhile.
func (v verdict) wantAdmitted(t *testing.T, size int) {
	t.Helper()
	if most := size + int(v.took/v.every); v.admitted < size || v.admitted > most {
		t.Errorf("%d were admitted, want %d to %d", v.admitted, size, most)
	}
}

// hourly are 100 requests of an address in an hour: none comes back during a test.
func hourly(s settings, backend string) settings {
	return s.with("rate_limit", "enabled = true", "ip_rate_limit = 100", "ip_window_minutes = 60", fmt.Sprintf("backend = %q", backend)).
		with("server", `trusted_proxies = ["127.0.0.1"]`)
}

// fromAddress is a GET as a proxy hands it on for a client.
func fromAddress(t *testing.T, address, path string) func(int, string) *http.Request {
	return func(_ int, base string) *http.Request {
		r := request(t, http.MethodGet, base+path, nil)
		r.Header.Set("X-Forwarded-For", address)
		return r
	}
}

// TestStateRateLimitOfAddresses: of 480 requests of one address, by 64 clients at
// once against all servers, exactly 100 pass, each with another number of remaining
// ones. Another address has 100 of its own, also for paths that nobody serves; the
// health page has no limit.
func TestStateRateLimitOfAddresses(t *testing.T) {
	check := func(t *testing.T, servers ...*process) {
		v := stampede{480, 100, hour / 100, fromAddress(t, "203.0.113.7", "/work")}.run(t, servers...)
		v.wantAdmitted(t, 100)
		for n, got := range v.remaining[:min(100, len(v.remaining))] {
			if got != n {
				t.Errorf("the numbers of remaining requests are %v, want 0 to 99", v.remaining)
				break
			}
		}
		stampede{200, 100, hour / 100, fromAddress(t, "203.0.113.8", "/work")}.run(t, servers...).wantAdmitted(t, 100)
		for _, p := range servers {
			for path, want := range map[string]int{"/health": 200, "/nowhere": 429, "/api/admin/runs": 429} {
				status, body := p.send(t, fromAddress(t, "203.0.113.7", path)(0, p.base))
				if status != want {
					t.Errorf("%s: status %d, want %d: %s", path, status, want, body)
				}
			}
			if text := newBrowser(t, p.base).get("/metrics").body; !strings.Contains(text, `nflow_rate_limited_total{limit="rate_limit.ip_rate_limit"}`) {
				t.Error("the metrics do not count refusals")
			}
		}
		end(t, servers...)
	}
	t.Run("redis", func(t *testing.T) {
		servers := servePair(t, hourly(onPostgresAndRedis.settings(t), "redis"))
		publishOnBoth(t, servers, "work", "return 'done';")
		check(t, servers[:]...)
	})
	t.Run("memory", func(t *testing.T) {
		p := serve(t, t.TempDir(), hourly(onSQLite.settings(t), "memory").text())
		p.publish("work", "return 'done';")
		check(t, p)
	})
}

// publishOnBoth publishes on one server and waits for the other.
func publishOnBoth(t *testing.T, servers [2]*process, id, script string) {
	t.Helper()
	servers[0].publish(id, script)
	until(t, id+" is served by the other server", func() bool {
		return newBrowser(t, servers[1].base).get("/"+id).status != http.StatusNotFound
	})
}

// TestStateRateLimitOfWorkflows: a start node's own limit, for each client or for
// all together, holds over two servers without any other limit.
func TestStateRateLimitOfWorkflows(t *testing.T) {
	servers := servePair(t, onPostgresAndRedis.settings(t).with("rate_limit", `backend = "redis"`).
		with("server", `trusted_proxies = ["127.0.0.1"]`))
	for id, per := range map[string]string{"each": "ip", "all": "workflow"} {
		document := fmt.Sprintf(`{"start": {"data": {"type": "httpstart", "path": "/%s",
			"rate_limit": {"requests": 60, "window": "1h", "burst": 20, "per": %q}},
			"outputs": {"output": {"connections": [{"node": "work"}]}}},
			"work": {"data": {"type": "js", "script": "return 'done';"}}}`, id, per)
		servers[0].admin(http.MethodPut, "/api/admin/workflows/"+id, document).want(http.StatusCreated, "")
	}
	until(t, "the other server serves them", func() bool {
		return strings.Contains(servers[1].admin(http.MethodGet, "/api/admin/workflows", "").body, `"each"`)
	})
	for _, address := range []string{"203.0.113.1", "203.0.113.2"} {
		stampede{128, 60, hour / 60, fromAddress(t, address, "/each")}.run(t, servers[:]...).wantAdmitted(t, 20)
	}
	anybody := func(n int, base string) *http.Request {
		return fromAddress(t, fmt.Sprintf("203.0.113.%d", n%200), "/all")(n, base)
	}
	stampede{256, 60, hour / 60, anybody}.run(t, servers[:]...).wantAdmitted(t, 20)
	end(t, servers[:]...)
}

// TestStateRateLimitOfTokens: a token made with --rate-limit has a limit of its
// own, others have that of the configuration, and both count on two servers.
func TestStateRateLimitOfTokens(t *testing.T) {
	s := onPostgresAndRedis.settings(t).with("rate_limit", `backend = "redis"`, "token_rate_limit = 30", "ip_window_minutes = 60")
	servers := servePair(t, s)
	publishOnBoth(t, servers, "work", "return 'done';")
	for _, row := range []struct {
		args  []string
		limit int
		every time.Duration
	}{
		{[]string{"--rate-limit", "12"}, 12, 5 * time.Second},
		{nil, 30, hour / 30},
	} {
		maker := launch(t, t.TempDir(), s.text(), append([]string{"token", "create", "--name", fmt.Sprint("limit ", row.limit), "--scope", "run"}, row.args...)...)
		if code := maker.wait(); code != 0 {
			t.Fatalf("token create ended with %d:\n%s", code, maker.stderr.String())
		}
		token := strings.TrimSpace(maker.stdout.String())
		v := stampede{160, row.limit, row.every, func(_ int, base string) *http.Request {
			r := request(t, http.MethodPost, base+"/api/workflow/work", strings.NewReader(`{"input": {}}`))
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/json")
			return r
		}}.run(t, servers[:]...)
		v.wantAdmitted(t, row.limit)
	}
	end(t, servers[:]...)
}
