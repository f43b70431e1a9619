package redis_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// timed says how long fn took.
func timed(fn func() error) (time.Duration, error) {
	began := time.Now()
	err := fn()
	return time.Since(began), err
}

func TestRestart(t *testing.T) {
	server := redistest.Start(t)
	c := config(server)
	var log logs
	c.Log = log.logger()
	client := open(t, c)
	work(t, client)
	server.Stop(t)
	for range 20 {
		took, err := timed(func() error { return client.Ping(t.Context()) })
		fails(t, err, fault.Unavailable, "cannot be reached")
		if took > time.Second {
			t.Fatalf("a refused connection took %s", took)
		}
	}
	server.Restart(t)
	back, _ := timed(func() error {
		eventually(t, "works again", 10*time.Second, func() bool { return client.Ping(t.Context()) == nil })
		return nil
	})
	t.Logf("back after %s", back)
	if back > 2*time.Second {
		t.Errorf("it took %s to notice that Redis is back", back)
	}
	for range 20 {
		work(t, client)
	}
	for _, want := range []string{"does not answer", "answers again"} {
		eventually(t, want+" is logged", 5*time.Second, func() bool { return strings.Contains(log.String(), want) })
	}
	if strings.Contains(log.String(), server.Password()) {
		t.Error("the password is logged")
	}
}

// TestStartsWithoutRedis opens a client while there is no server.
func TestStartsWithoutRedis(t *testing.T) {
	server := redistest.Start(t)
	server.Stop(t)
	client := open(t, config(server))
	heard := client.Heard()
	fails(t, client.Ping(t.Context()), fault.Unavailable, "cannot be reached")
	server.Restart(t)
	eventually(t, "works", 10*time.Second, func() bool { return client.Ping(t.Context()) == nil })
	work(t, client)
	select {
	case <-heard:
	case <-time.After(10 * time.Second):
		t.Error("it never subscribed")
	}
}

// TestRestartUnderLoad goes on while the server restarts: errors are unavailable,
// and end.
func TestRestartUnderLoad(t *testing.T) {
	server := redistest.Start(t)
	client := open(t, config(server))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[fault.Code]int{}
	for i := range 8 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				_, err := client.Take(ctx, fmt.Sprint(i), policy.Rate{Requests: 100, Window: time.Second})
				if n%2 == 0 {
					err = client.PutCached(ctx, fmt.Sprint(i), []byte("v"), time.Minute)
				}
				mu.Lock()
				codes[fault.CodeOf(err)]++
				mu.Unlock()
			}
		})
	}
	for range 2 {
		eventually(t, "works", 10*time.Second, func() bool { return client.Ping(t.Context()) == nil })
		server.Restart(t)
	}
	eventually(t, "works", 10*time.Second, func() bool { return client.Ping(t.Context()) == nil })
	stop()
	wg.Wait()
	delete(codes, fault.Cancelled) // the end of the test
	t.Log(codes)
	for code := range codes {
		if code != "" && code != fault.Unavailable {
			t.Errorf("%d calls gave %s", codes[code], code)
		}
	}
	for range 50 {
		work(t, client)
	}
}

func TestHangingServer(t *testing.T) {
	server := redistest.Start(t)
	c := config(server)
	c.Timeout = 300 * time.Millisecond
	client := open(t, c)
	work(t, client)
	server.Pause(t)
	took, err := timed(func() error { return client.Ping(t.Context()) })
	fails(t, err, fault.Unavailable, "redis.timeout, which is 300ms")
	if took < 250*time.Millisecond || took > time.Second {
		t.Errorf("the first call took %s", took)
	}
	// Probes come and go meanwhile; no call waits for them.
	var slowest time.Duration
	for end := time.Now().Add(time.Second); time.Now().Before(end); {
		took, err := timed(func() error {
			_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
			return err
		})
		fails(t, err, fault.Unavailable, "redis.timeout")
		slowest = max(slowest, took)
	}
	t.Logf("the slowest refusal took %s", slowest)
	if slowest > 100*time.Millisecond {
		t.Errorf("a call took %s while Redis is known to hang", slowest)
	}
	server.Resume(t)
	back, _ := timed(func() error {
		eventually(t, "works again", 10*time.Second, func() bool { return client.Ping(t.Context()) == nil })
		return nil
	})
	t.Logf("back after %s", back)
	if back > time.Second {
		t.Errorf("it took %s to notice that Redis is back", back)
	}
	work(t, client)
}

// TestCallersOfAHangingServer: more callers than connections, each waits once.
func TestCallersOfAHangingServer(t *testing.T) {
	server := redistest.Start(t)
	c := config(server)
	c.Timeout, c.PoolSize = 300*time.Millisecond, 4
	client := open(t, c)
	work(t, client)
	server.Pause(t)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			for call := range 3 {
				took, err := timed(func() error { _, _, err := client.Cached(t.Context(), "k"); return err })
				if fault.CodeOf(err) != fault.Unavailable {
					t.Errorf("got %v", err)
				}
				if took > 2*c.Timeout || call > 0 && took > c.Timeout/2 {
					t.Errorf("call %d took %s", call+1, took)
				}
			}
		})
	}
	wg.Wait()
	server.Resume(t)
	eventually(t, "works again", 10*time.Second, func() bool { return client.Ping(t.Context()) == nil })
}

// TestPatience: a caller who leaves is told so at once, and the breaker only goes
// by what Redis does.
func TestPatience(t *testing.T) {
	server := redistest.Start(t)
	client := open(t, config(server)) // 5 s
	work(t, client)
	server.Pause(t)
	for i := range 12 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if i%2 == 0 {
			ctx, cancel = context.WithCancel(t.Context())
			time.AfterFunc(10*time.Millisecond, cancel)
		}
		took, err := timed(func() error { _, _, err := client.Cached(ctx, "k"); return err })
		cancel()
		fails(t, err, fault.Cancelled, "cancelled or took too long")
		if took > 2*time.Second {
			t.Errorf("it kept a caller for %s who had left", took)
		}
	}
	server.Resume(t)
	// Were the breaker open, this would fail at once.
	must(t, client.Ping(t.Context()))
	work(t, client)
}

func TestCloseWhileHanging(t *testing.T) {
	server := redistest.Start(t)
	c := config(server)
	c.Timeout = time.Second
	client := open(t, c)
	work(t, client)
	client.Heard()
	server.Pause(t)
	failed := make(chan error)
	go func() { failed <- client.Ping(t.Context()) }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, _ = client.Field(ctx, "k", "f")
	took, err := timed(client.Close)
	must(t, err)
	fails(t, <-failed, fault.Unavailable, "")
	if took > 3*time.Second {
		t.Errorf("closing took %s", took)
	}
}

func TestClosedConnections(t *testing.T) {
	server := redistest.Start(t)
	client := open(t, config(server))
	for range 20 {
		work(t, client)
		server.Do(t, "CLIENT", "KILL", "TYPE", "normal")
		work(t, client)
		server.Do(t, "CLIENT", "KILL", "TYPE", "normal")
		_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1e6, Window: time.Second})
		must(t, err)
	}
}

func TestScriptsAreForgotten(t *testing.T) {
	server := redistest.Start(t)
	client := open(t, config(server))
	for range 3 {
		work(t, client)
		server.Do(t, "SCRIPT", "FLUSH")
	}
	session := ports.Session{Key: "s", Values: payload.EmptyObject()}
	for version := range 3 {
		server.Do(t, "SCRIPT", "FLUSH")
		session.Version = version
		got, err := client.SaveSession(t.Context(), session)
		must(t, err)
		if got != version+1 {
			t.Fatalf("version %d after %d", got, version)
		}
	}
}

// A server that takes no writes is as good as away.
func TestPingOfAServerThatTakesNothing(t *testing.T) {
	server := redistest.Start(t)
	client := open(t, config(server))
	if err := client.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Do(t, "CONFIG", "SET", "maxmemory", "1")
	if err := client.Ping(t.Context()); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("full: %v", err)
	}
	server.Do(t, "CONFIG", "SET", "maxmemory", "0")
	if err := client.Ping(t.Context()); err != nil {
		t.Errorf("with room again: %v", err)
	}
	server.Do(t, "REPLICAOF", "127.0.0.1", "1")
	if err := client.Ping(t.Context()); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a replica: %v", err)
	}
}
