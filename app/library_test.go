package app_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// moody is a library that can be away, and counts who asks.
type moody struct {
	ports.Library

	away  bool
	asked int
}

func (f *moody) Template(ctx context.Context, name string) (ports.Template, error) {
	f.asked++
	if f.away {
		return ports.Template{}, fault.New(fault.Unavailable, "the database is away")
	}
	return f.Library.Template(ctx, name)
}

// copies is a cache that all instances share.
type copies struct {
	now     func() time.Time
	content map[string][]byte
	until   map[string]time.Time
	err     error
}

func (c *copies) Cached(_ context.Context, key string) ([]byte, bool, error) {
	if !c.now().Before(c.until[key]) {
		return nil, false, c.err
	}
	return c.content[key], true, c.err
}

func (c *copies) PutCached(_ context.Context, key string, content []byte, keep time.Duration) error {
	c.content[key], c.until[key] = content, c.now().Add(keep)
	return c.err
}

func (c *copies) DropCached(_ context.Context, key string) error {
	delete(c.content, key)
	delete(c.until, key)
	return c.err
}

func templated(t *testing.T, change func(*app.Deps, *app.Config)) (*world, *moody) {
	t.Helper()
	var f *moody
	w := newWorld(t, func(d *app.Deps, c *app.Config) {
		f = &moody{Library: d.Library}
		d.Library = f
		if change != nil {
			change(d, c)
		}
	})
	if err := w.store.PutTemplate(t.Context(), ports.Template{Name: "page", Content: "one"}); err != nil {
		t.Fatal(err)
	}
	w.publish("x", doc(start("s", "GET", "/x", "output_1>a"), raw("a", `{"type":"template","template":"page"}`, "")))
	return w, f
}

const pageOne = `200 html[one|{"payload":{},"vars":null}]`

func TestLibraryOutlivesAnOutage(t *testing.T) {
	w, f := templated(t, nil)
	w.expect(get("/x"), pageOne)
	f.away = true
	w.clock.pass(9 * time.Minute)
	w.expect(get("/x"), pageOne)
	w.clock.pass(time.Minute)
	w.expect(get("/x"), string(fault.Unavailable))
	f.away = false
	w.expect(get("/x"), pageOne)
}

func TestLibraryIsSharedBetweenInstances(t *testing.T) {
	cache := &copies{content: map[string][]byte{}, until: map[string]time.Time{}}
	one, first := templated(t, func(d *app.Deps, _ *app.Config) {
		cache.now = d.Clock.Now
		d.Cache = cache
	})
	two, second := templated(t, func(d *app.Deps, _ *app.Config) { // of the same installation
		d.Cache, d.Clock, d.Settings = cache, one.clock, one.store
	})
	stranger, third := templated(t, func(d *app.Deps, _ *app.Config) {
		d.Cache, d.Clock = cache, one.clock
		if _, err := d.Settings.PutSettingIfAbsent(t.Context(), "cache_key", "another installation"); err != nil {
			t.Fatal(err)
		}
	})
	replace := func(w *world, content string) { // behind the back of its instance
		t.Helper()
		if err := w.store.PutTemplate(t.Context(), ports.Template{Name: "page", Content: content}); err != nil {
			t.Fatal(err)
		}
	}
	one.clock.pass(time.Second) // whatever they read so far is too old
	replace(two, "the store of two is not asked")
	replace(stranger, "its own")
	first.asked, second.asked, third.asked = 0, 0, 0
	one.expect(get("/x"), pageOne)
	one.clock.pass(900 * time.Millisecond)
	two.expect(get("/x"), pageOne)
	stranger.expect(get("/x"), `200 html[its own|{"payload":{},"vars":null}]`)
	if first.asked != 1 || second.asked != 0 || third.asked != 1 {
		t.Errorf("the stores were asked %d, %d and %d times", first.asked, second.asked, third.asked)
	}
	one.clock.pass(100 * time.Millisecond) // a second after it was read, whoever read it
	two.expect(get("/x"), `200 html[the store of two is not asked|{"payload":{},"vars":null}]`)
}

// Whoever can write to the cache cannot make anybody run anything.
func TestForgedCopiesAreNoCopies(t *testing.T) {
	cache := &copies{content: map[string][]byte{}, until: map[string]time.Time{}}
	w, f := templated(t, func(d *app.Deps, _ *app.Config) {
		cache.now = d.Clock.Now
		d.Cache = cache
	})
	w.expect(get("/x"), pageOne)
	name, sealed := "", []byte(nil)
	for name, sealed = range cache.content {
		if !strings.HasSuffix(name, "template:page") {
			t.Errorf("key %s", name)
		}
	}
	evil := bytes.Replace(sealed, []byte("one"), []byte("owe"), 1)
	for _, forged := range [][]byte{evil, []byte(`{"name":"page","content":"evil"}`), sealed[:39], sealed[:40], nil} {
		w.clock.pass(time.Second)
		asked := f.asked
		cache.content[name], cache.until[name] = forged, w.clock.Now().Add(time.Hour)
		w.expect(get("/x"), pageOne)
		if f.asked == asked {
			t.Errorf("%q was believed", forged)
		}
	}
	w.clock.pass(time.Hour) // an old copy is worth nothing either
	asked := f.asked
	cache.content[name], cache.until[name] = sealed, w.clock.Now().Add(time.Hour)
	w.expect(get("/x"), pageOne)
	if f.asked == asked {
		t.Error("an old copy was believed")
	}
}

func TestChangesOfTheLibraryAreSeenAtOnce(t *testing.T) {
	cache := &copies{content: map[string][]byte{}, until: map[string]time.Time{}}
	w, _ := templated(t, func(d *app.Deps, _ *app.Config) {
		cache.now = d.Clock.Now
		d.Cache = cache
	})
	w.expect(get("/x"), pageOne)
	if err := w.Shelf().PutTemplate(t.Context(), ports.Template{Name: "page", Content: "two"}); err != nil {
		t.Fatal(err)
	}
	if len(cache.content) > 0 {
		t.Error("what was replaced is still shared")
	}
	w.expect(get("/x"), `200 html[two|{"payload":{},"vars":null}]`)
	cache.err = fault.New(fault.Unavailable, "the cache is away")
	w.clock.pass(time.Second)
	w.expect(get("/x"), `200 html[two|{"payload":{},"vars":null}]`)
}
