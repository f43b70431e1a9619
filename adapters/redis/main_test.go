package redis_test

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(redistest.WithCleanup(m),
		// It sleeps a second between its tries and hears of Close only then.
		goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// config is for a server, with a prefix of the test's own.
func config(server *redistest.Server) redis.Config {
	return redis.Config{
		Addresses: []string{server.Addr()}, Password: server.Password(), MaxRetries: 3,
		KeyPrefix: "t:" + rand.Text() + ":", Timeout: 5 * time.Second,
	}
}

func open(t *testing.T, config redis.Config) *redis.Client {
	t.Helper()
	client, err := redis.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails wants a fault of a code whose message says something.
func fails(t *testing.T, err error, code fault.Code, says string) {
	t.Helper()
	if fault.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Fatalf("got %s: %v; want %s with %q", fault.CodeOf(err), err, code, says)
	}
	if code == fault.Unavailable && fault.As(err).RetryAfter != 1 {
		t.Errorf("%v advises to try again in %d seconds", err, fault.As(err).RetryAfter)
	}
}

// eventually calls fn until it is true.
func eventually(t *testing.T, what string, atMost time.Duration, fn func() bool) {
	t.Helper()
	for end := time.Now().Add(atMost); !fn(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, atMost)
		}
	}
}

// logs keeps what is logged.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logs) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
