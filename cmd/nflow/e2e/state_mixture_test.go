//go:build linux

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"testing"
	"time"
)

// sample is one request of a mixture and its answer.
type sample struct {
	kind       string
	began      time.Time
	took       time.Duration
	status     int // 0 = no answer
	body       string
	retryAfter string
}

// The kinds of requests in a mixture.
var mixtureKinds = []string{"plain", "session", "read", "publish", "health", "live"}

const (
	mixtureClients = 4 // of each kind, but health and live
	mixturePause   = 10 * time.Millisecond
)

// mixture is clients that ask a server for different things until they are told to
// stop, and keep every answer.
type mixture struct {
	base    string
	wire    *http.Transport
	stop    chan struct{}
	clients sync.WaitGroup

	mu      sync.Mutex
	samples []sample
}

func newMixture(t *testing.T, p *process) *mixture {
	t.Helper()
	m := &mixture{base: p.base, wire: &http.Transport{MaxIdleConnsPerHost: 100}, stop: make(chan struct{})}
	t.Cleanup(m.hangUp)
	return m
}

func (m *mixture) hangUp() { m.wire.CloseIdleConnections() }

// request is what a client of a kind asks for.
func (m *mixture) request(t *testing.T, kind string, client, n int) *http.Request {
	switch kind {
	case "plain":
		return request(t, http.MethodGet, m.base+"/plain", nil)
	case "session":
		return request(t, http.MethodGet, m.base+"/visits", nil)
	case "read":
		return adminRequest(t, http.MethodGet, m.base+"/api/admin/workflows/plain/versions", "")
	case "publish":
		id := fmt.Sprintf("late-%d", client)
		return adminRequest(t, http.MethodPut, m.base+"/api/admin/workflows/"+id, scripted(id, fmt.Sprintf("return %d;", n)))
	case "live":
		return request(t, http.MethodGet, m.base+"/health/live", nil)
	default:
		return request(t, http.MethodGet, m.base+"/health", nil)
	}
}

// ask makes one request and keeps what came of it.
func (m *mixture) ask(t *testing.T, c *http.Client, kind string, client, n int) {
	s := sample{kind: kind, began: time.Now()}
	answer, err := c.Do(m.request(t, kind, client, n))
	if err == nil {
		var body []byte
		body, err = io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		s.status, s.body, s.retryAfter = answer.StatusCode, string(body), answer.Header.Get("Retry-After")
	}
	if err != nil {
		s.status, s.body = 0, err.Error()
	}
	s.took = time.Since(s.began)
	m.mu.Lock()
	m.samples = append(m.samples, s)
	m.mu.Unlock()
}

// visitor is a client with cookies of its own.
func (m *mixture) visitor(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: m.wire, Jar: jar, Timeout: patience}
}

// once asks for everything once.
func (m *mixture) once(t *testing.T) {
	t.Helper()
	for _, kind := range mixtureKinds {
		m.ask(t, m.visitor(t), kind, 0, 0)
	}
	for _, s := range m.samples {
		if s.status != http.StatusOK && s.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", s.kind, s.status, s.body)
		}
	}
	m.samples = nil
}

func (m *mixture) start(t *testing.T) {
	for _, kind := range mixtureKinds {
		clients := mixtureClients
		if kind == "health" || kind == "live" {
			clients = 1
		}
		for client := range clients {
			visitor := m.visitor(t)
			m.clients.Go(func() {
				for n := 1; ; n++ {
					select {
					case <-m.stop:
						return
					case <-time.After(mixturePause):
						m.ask(t, visitor, kind, client, n)
					}
				}
			})
		}
	}
}

func (m *mixture) finish() {
	close(m.stop)
	m.clients.Wait()
	m.hangUp()
}
