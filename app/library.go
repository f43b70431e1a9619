package app

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const (
	// libraryFreshness is how old a module or template may be: somebody else may edit
	// them in the designer's database at any time.
	libraryFreshness = time.Second
	// libraryPatience is how old one may be while the store is away.
	libraryPatience = 10 * time.Minute
	// maxCachedEntries bounds each map; beyond it the cache starts anew.
	maxCachedEntries = 10_000
)

// cachedLibrary keeps stored modules and templates for a short time, and shares
// what it read with other instances when there is a cache for all.
type cachedLibrary struct {
	modules   shelfCache[ports.Module]
	templates shelfCache[ports.Template]
}

func newCachedLibrary(store ports.Library, shared ports.Cache, clock ports.Clock) *cachedLibrary {
	return &cachedLibrary{
		modules:   newShelfCache("module:", store.Module, shared, clock),
		templates: newShelfCache("template:", store.Template, shared, clock),
	}
}

func (l *cachedLibrary) module(ctx context.Context, name string) (ports.Module, error) {
	return l.modules.get(ctx, name)
}

func (l *cachedLibrary) template(ctx context.Context, name string) (ports.Template, error) {
	return l.templates.get(ctx, name)
}

// shelfCache keeps what one kind of name stands for.
type shelfCache[T any] struct {
	prefix string // of keys in the shared cache
	load   func(context.Context, string) (T, error)
	shared ports.Cache // nil = none
	clock  ports.Clock

	mu      *sync.RWMutex
	entries map[string]cached[T]
}

type cached[T any] struct {
	value T
	read  time.Time
}

func newShelfCache[T any](prefix string, load func(context.Context, string) (T, error), shared ports.Cache, clock ports.Clock) shelfCache[T] {
	return shelfCache[T]{
		prefix: prefix, load: load, shared: shared, clock: clock,
		mu: &sync.RWMutex{}, entries: make(map[string]cached[T]),
	}
}

// get returns a fresh value, or an older one while the store is away.
func (c *shelfCache[T]) get(ctx context.Context, name string) (T, error) {
	now := c.clock.Now()
	c.mu.RLock()
	entry, known := c.entries[name]
	c.mu.RUnlock()
	if known && now.Sub(entry.read) < libraryFreshness {
		return entry.value, nil
	}
	value, err := c.fetch(ctx, name)
	if err != nil {
		if known && fault.CodeOf(err) == fault.Unavailable && now.Sub(entry.read) < libraryPatience {
			return entry.value, nil
		}
		return value, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCachedEntries {
		clear(c.entries)
	}
	c.entries[name] = cached[T]{value, now}
	return value, nil
}

// fetch asks the shared cache, then the store. The cache is only there to spare the
// store: what is wrong with it is no fault.
func (c *shelfCache[T]) fetch(ctx context.Context, name string) (T, error) {
	var value T
	if c.shared == nil {
		return c.load(ctx, name)
	}
	if content, found, err := c.shared.Cached(ctx, c.prefix+name); err == nil && found && json.Unmarshal(content, &value) == nil {
		return value, nil
	}
	value, err := c.load(ctx, name)
	if err != nil {
		return value, err
	}
	if content, err := json.Marshal(value); err == nil {
		_ = c.shared.PutCached(ctx, c.prefix+name, content, libraryFreshness)
	}
	return value, nil
}

// forget drops what was kept under a name.
func (c *shelfCache[T]) forget(ctx context.Context, name string) {
	c.mu.Lock()
	delete(c.entries, name)
	c.mu.Unlock()
	if c.shared != nil {
		_ = c.shared.DropCached(ctx, c.prefix+name) // it gets too old by itself soon
	}
}
