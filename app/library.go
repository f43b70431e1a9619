package app

import (
	"context"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// libraryFreshness is how old a cached module or template may be: somebody else
// may edit them in the designer's database at any time.
const libraryFreshness = time.Second

// cachedLibrary keeps stored modules and templates for a short time.
type cachedLibrary struct {
	store ports.Library
	clock ports.Clock

	mu        sync.RWMutex
	modules   map[string]cached[ports.Module]
	templates map[string]cached[ports.Template]
}

type cached[T any] struct {
	value T
	until time.Time
}

// maxCachedEntries bounds each map; beyond it the cache starts anew.
const maxCachedEntries = 10_000

func newCachedLibrary(store ports.Library, clock ports.Clock) *cachedLibrary {
	return &cachedLibrary{
		store: store, clock: clock,
		modules:   make(map[string]cached[ports.Module]),
		templates: make(map[string]cached[ports.Template]),
	}
}

func (l *cachedLibrary) module(ctx context.Context, name string) (ports.Module, error) {
	return fetch(ctx, l, l.modules, name, l.store.Module)
}

func (l *cachedLibrary) template(ctx context.Context, name string) (ports.Template, error) {
	return fetch(ctx, l, l.templates, name, l.store.Template)
}

// forget drops what was cached under a name.
func (l *cachedLibrary) forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.modules, name)
	delete(l.templates, name)
}

func fetch[T any](ctx context.Context, l *cachedLibrary, entries map[string]cached[T], name string,
	load func(context.Context, string) (T, error),
) (T, error) {
	now := l.clock.Now()
	l.mu.RLock()
	entry, ok := entries[name]
	l.mu.RUnlock()
	if ok && now.Before(entry.until) {
		return entry.value, nil
	}
	value, err := load(ctx, name)
	if err != nil {
		return value, err
	}
	l.mu.Lock()
	if len(entries) >= maxCachedEntries {
		clear(entries)
	}
	entries[name] = cached[T]{value, now.Add(libraryFreshness)}
	l.mu.Unlock()
	return value, nil
}
