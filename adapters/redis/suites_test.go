package redis_test

import (
	"context"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/storetest"
)

// suites runs everything that every implementation must do. configure returns a
// new prefix each time.
func suites(t *testing.T, configure func() redis.Config) {
	t.Helper()
	with := func(t *testing.T, now func() time.Time) *redis.Client {
		c := configure()
		c.Now = now
		return open(t, c)
	}
	t.Run("Rates", func(t *testing.T) {
		storetest.RunRates(t, func(t *testing.T, now func() time.Time) ports.RateLimiter { return with(t, now) })
	})
	t.Run("Cache", func(t *testing.T) {
		storetest.RunCache(t, func(t *testing.T) ports.Cache { return with(t, nil) })
	})
	t.Run("Hashes", func(t *testing.T) {
		storetest.RunHashes(t, func(t *testing.T) ports.Hashes { return with(t, nil) })
	})
	t.Run("Sessions", func(t *testing.T) {
		storetest.RunSessions(t, func(t *testing.T) ports.SessionStore { return with(t, storetest.Noon) })
	})
}

func TestSuites(t *testing.T) {
	server := redistest.Shared(t)
	suites(t, func() redis.Config { return config(server) })
}

// work uses everything once.
func work(t *testing.T, client *redis.Client) {
	t.Helper()
	ctx := t.Context()
	must(t, client.Ping(ctx))
	must(t, client.Announce(ctx))
	must(t, client.PutCached(ctx, "k", []byte("v"), time.Hour))
	content, found, err := client.Cached(ctx, "k")
	must(t, err)
	if !found || string(content) != "v" {
		t.Fatalf("cached %q, %v", content, found)
	}
	must(t, client.SetFields(ctx, "k", map[string]string{"f": "v"}))
	if v, err := client.Field(ctx, "k", "f"); err != nil || v != "v" {
		t.Fatalf("field %q, %v", v, err)
	}
	if a, err := client.Take(ctx, "k", policy.Rate{Requests: 1000, Window: time.Second}); err != nil || !a.Allowed {
		t.Fatalf("take %+v, %v", a, err)
	}
	_ = client.DeleteSession(ctx, "k")
	session := ports.Session{Key: "k", Values: payload.EmptyObject(), Expires: time.Now().Add(time.Hour)}
	if version, err := client.SaveSession(ctx, session); err != nil || version != 1 {
		t.Fatalf("session version %d, %v", version, err)
	}
	_, err = client.Session(ctx, "k", time.Now())
	must(t, err)
}

func TestServerTime(t *testing.T) {
	client := open(t, config(redistest.Shared(t)))
	rate := policy.Rate{Requests: 2, Window: 200 * time.Millisecond}
	passed := 0
	began := time.Now()
	for time.Since(began) < time.Second {
		a, err := client.Take(t.Context(), "k", rate)
		must(t, err)
		if a.Allowed {
			passed++
		}
	}
	// Two at once, then one in every 100 ms.
	if took := time.Since(began); passed < 8 || passed > 2+int(took/(100*time.Millisecond)) {
		t.Errorf("%d passed in %s", passed, took)
	}
}

func TestKeysGo(t *testing.T) {
	server := redistest.Shared(t)
	c := config(server)
	client := open(t, c)
	_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 100, Window: 2 * time.Second})
	must(t, err)
	session := ports.Session{Key: "k", Values: payload.EmptyObject(), Expires: time.Now().Add(300 * time.Millisecond)}
	_, err = client.SaveSession(t.Context(), session)
	must(t, err)
	keys := func() string { return server.Do(t, "KEYS", c.KeyPrefix+"*") }
	if keys() == "" {
		t.Fatal("there are no keys with the prefix")
	}
	eventually(t, "a full bucket and an expired session are forgotten", 10*time.Second, func() bool { return keys() == "" })
	n, err := client.DropExpiredSessions(t.Context(), time.Now(), 9)
	if n != 0 || err != nil {
		t.Errorf("dropped %d, %v", n, err)
	}
	session.Version = 1
	_, err = client.SaveSession(t.Context(), session)
	fails(t, err, fault.Conflict, "another request")
}

func TestPrefixesAreApart(t *testing.T) {
	server := redistest.Shared(t)
	one, two := open(t, config(server)), open(t, config(server))
	work(t, one)
	if _, found, err := two.Cached(t.Context(), "k"); found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
	// Kinds of things do not collide either.
	must(t, one.PutCached(t.Context(), "x", []byte("v"), time.Hour))
	_, err := one.Field(t.Context(), "x", "f")
	fails(t, err, fault.NotFound, "x")
}

func TestClosed(t *testing.T) {
	client := open(t, config(redistest.Shared(t)))
	heard := client.Heard()
	must(t, client.Ping(t.Context()))
	must(t, client.Close())
	must(t, client.Close())
	fails(t, client.Ping(t.Context()), fault.Unavailable, "closed")
	_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
	fails(t, err, fault.Unavailable, "closed")
	select {
	case <-heard:
	default:
	}
}

func BenchmarkTake(b *testing.B) {
	server := redistest.Shared(b)
	client, err := redis.Open(context.Background(), config(server))
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	rate := policy.Rate{Requests: 1000, Window: time.Second}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := client.Take(b.Context(), "ip:203.0.113.9", rate); err != nil {
				b.Error(err)
			}
		}
	})
}
