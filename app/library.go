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
	modules   *shelfCache[ports.Module]
	templates *shelfCache[ports.Template]
}

func newCachedLibrary(store ports.Library, clock ports.Clock) *cachedLibrary {
	return &cachedLibrary{
		modules:   newShelfCache("module:", store.Module, clock),
		templates: newShelfCache("template:", store.Template, clock),
	}
}

// share lets other instances use what this one read, and the other way round. It
// must come before the first use.
func (l *cachedLibrary) share(cache *sealedCache) {
	l.modules.shared, l.templates.shared = cache, cache
}

func (l *cachedLibrary) module(ctx context.Context, name string) (ports.Module, error) {
	return l.modules.get(ctx, name)
}

func (l *cachedLibrary) template(ctx context.Context, name string) (ports.Template, error) {
	return l.templates.get(ctx, name)
}

// shelfCache keeps what one kind of name stands for.
type shelfCache[T any] struct {
	prefix string // of names in the shared cache
	load   func(context.Context, string) (T, error)
	shared *sealedCache // nil = none
	clock  ports.Clock

	mu      sync.RWMutex
	entries map[string]cached[T]
	changes int // that were made here: what was read before one is not kept after it
}

type cached[T any] struct {
	value T
	read  time.Time
}

func newShelfCache[T any](prefix string, load func(context.Context, string) (T, error), clock ports.Clock) *shelfCache[T] {
	return &shelfCache[T]{prefix: prefix, load: load, clock: clock, entries: make(map[string]cached[T])}
}

// get returns a fresh value, or an older one while the store is away.
func (c *shelfCache[T]) get(ctx context.Context, name string) (T, error) {
	now := c.clock.Now()
	c.mu.RLock()
	entry, known := c.entries[name]
	changes := c.changes
	c.mu.RUnlock()
	if known && now.Sub(entry.read) < libraryFreshness {
		return entry.value, nil
	}
	if c.shared != nil {
		if copied, ok := c.copied(ctx, name); ok {
			c.keep(name, copied, changes)
			return copied.value, nil
		}
	}
	value, err := c.load(ctx, name)
	if err != nil {
		if known && fault.CodeOf(err) == fault.Unavailable && now.Sub(entry.read) < libraryPatience {
			return entry.value, nil
		}
		return value, err
	}
	if c.keep(name, cached[T]{value, now}, changes) && c.shared != nil {
		if content, err := json.Marshal(value); err == nil {
			c.shared.put(ctx, c.prefix+name, content, now)
		}
	}
	return value, nil
}

// copied is what another instance read.
func (c *shelfCache[T]) copied(ctx context.Context, name string) (entry cached[T], ok bool) {
	content, read, found := c.shared.get(ctx, c.prefix+name)
	if !found || json.Unmarshal(content, &entry.value) != nil {
		return entry, false
	}
	entry.read = read
	return entry, true
}

// keep remembers a value, unless something was changed here since it was asked
// for.
func (c *shelfCache[T]) keep(name string, entry cached[T], changes int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changes != changes {
		return false
	}
	if len(c.entries) >= maxCachedEntries {
		clear(c.entries)
	}
	c.entries[name] = entry
	return true
}

// forget drops what was kept under a name.
func (c *shelfCache[T]) forget(ctx context.Context, name string) {
	c.mu.Lock()
	delete(c.entries, name)
	c.changes++
	c.mu.Unlock()
	if c.shared != nil {
		c.shared.drop(ctx, c.prefix+name)
	}
}
