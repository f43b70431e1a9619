package app_test

import (
	"context"
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
	w, f := templated(t, func(d *app.Deps, _ *app.Config) {
		cache.now = d.Clock.Now
		d.Cache = cache
	})
	w.expect(get("/x"), pageOne)
	asked := f.asked
	cache.content["template:page"] = []byte(`{"name":"page","content":"another instance read this"}`)
	cache.until["template:page"] = w.clock.Now().Add(time.Hour)
	w.clock.pass(time.Second)
	w.expect(get("/x"), `200 html[another instance read this|{"payload":{},"vars":null}]`)
	if f.asked != asked {
		t.Error("the store was asked all the same")
	}
	cache.content["template:page"] = []byte(`broken`)
	w.clock.pass(time.Second)
	w.expect(get("/x"), pageOne)
	if err := w.Shelf().PutTemplate(t.Context(), ports.Template{Name: "page", Content: "two"}); err != nil {
		t.Fatal(err)
	}
	if _, found := cache.content["template:page"]; found {
		t.Error("what was replaced is still shared")
	}
	cache.err = fault.New(fault.Unavailable, "the cache is away")
	w.clock.pass(time.Second)
	w.expect(get("/x"), `200 html[two|{"payload":{},"vars":null}]`)
}
