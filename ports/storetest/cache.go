package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// RunCache runs the suite of caches. open returns an empty one.
func RunCache(t *testing.T, open func(t *testing.T) ports.Cache) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, cache ports.Cache)
	}{
		{"copies", copies},
		{"a copy gets old", oldCopy},
		{"drop", dropCopy},
		{"64 writers leave one of their copies", copyRace},
		{"an ended context", endedCache},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func cached(t *testing.T, cache ports.Cache, key string) (string, bool) {
	t.Helper()
	content, found, err := cache.Cached(ctx(t), key)
	must(t, err)
	return string(content), found
}

func copies(t *testing.T, cache ports.Cache) {
	keys := []string{"", "a", "A", "á", odd(), "{a}b", "a\x00", "\xff", "a*"}
	for _, content := range []string{"", "x", odd(), "\x00\xff", megabyte()} {
		for _, key := range keys {
			given := []byte(key + content)
			must(t, cache.PutCached(ctx(t), key, given, time.Hour))
			clear(given) // what was given is the caller's own
		}
		for _, key := range keys {
			got, found := cached(t, cache, key)
			if !found || got != key+content {
				t.Fatalf("key %q: found %v, %d bytes, want %d", key, found, len(got), len(key+content))
			}
		}
	}
	if _, found := cached(t, cache, "b"); found {
		t.Error("found what nobody put there")
	}
}

func oldCopy(t *testing.T, cache ports.Cache) {
	must(t, cache.PutCached(ctx(t), "short", []byte("x"), time.Millisecond))
	must(t, cache.PutCached(ctx(t), "shorter", []byte("x"), time.Nanosecond))
	must(t, cache.PutCached(ctx(t), "renewed", []byte("x"), 20*time.Millisecond))
	must(t, cache.PutCached(ctx(t), "renewed", []byte("y"), time.Hour))
	must(t, cache.PutCached(ctx(t), "long", []byte("x"), 1000*time.Hour))
	gone := func(key string) {
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			if _, found := cached(t, cache, key); !found {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("the copy of %s is still there", key)
			}
		}
	}
	gone("short")
	gone("shorter")
	must(t, cache.PutCached(ctx(t), "mark", []byte("x"), 30*time.Millisecond))
	gone("mark")
	for key, want := range map[string]string{"renewed": "y", "long": "x"} {
		if got, found := cached(t, cache, key); !found || got != want {
			t.Errorf("%s: %q, found %v", key, got, found)
		}
	}
}

func dropCopy(t *testing.T, cache ports.Cache) {
	must(t, cache.PutCached(ctx(t), odd(), []byte("x"), time.Hour))
	must(t, cache.PutCached(ctx(t), "other", []byte("x"), time.Hour))
	for range 2 {
		must(t, cache.DropCached(ctx(t), odd()))
	}
	if _, found := cached(t, cache, odd()); found {
		t.Error("a dropped copy is still there")
	}
	if _, found := cached(t, cache, "other"); !found {
		t.Error("another copy went, too")
	}
}

func copyRace(t *testing.T, cache ports.Cache) {
	c := ctx(t)
	for _, err := range race(func(i int) error {
		return cache.PutCached(c, "k", fmt.Appendf(nil, "%04d%s", i, megabyte()[:1000*(i%3)]), time.Hour)
	}) {
		must(t, err)
	}
	got, found := cached(t, cache, "k")
	var i int
	if _, err := fmt.Sscanf(got[:min(4, len(got))], "%d", &i); !found || err != nil || len(got) != 4+1000*(i%3) {
		t.Fatalf("found %v, %d bytes, none of what was put there", found, len(got))
	}
}

func endedCache(t *testing.T, cache ports.Cache) {
	must(t, cache.PutCached(ctx(t), "k", []byte("x"), time.Hour))
	for name, ended := range endedContexts(t) {
		_, _, err := cache.Cached(ended, "k")
		fails(t, name+" read", err, fault.Cancelled)
		fails(t, name+" put", cache.PutCached(ended, "k", []byte("y"), time.Hour), fault.Cancelled)
		fails(t, name+" drop", cache.DropCached(ended, "k"), fault.Cancelled)
	}
	got, _ := cached(t, cache, "k")
	same(t, "copy", got, "x")
}

func endedContexts(t *testing.T) map[string]context.Context {
	t.Helper()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	t.Cleanup(cancel)
	return map[string]context.Context{"cancelled": cancelled, "late": late}
}
