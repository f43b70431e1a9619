package render

import (
	"container/list"
	"sync"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// cacheKey is hashed by the map; keeping the source makes a collision harmless.
type cacheKey struct {
	engine node.TemplateEngine
	source string
}

type cacheEntry struct {
	key     cacheKey
	program program
}

// cache keeps the most recently used templates, bounded in number and in bytes.
type cache struct {
	mu       sync.Mutex
	byKey    map[cacheKey]*list.Element
	recent   *list.List // of cacheEntry, latest first
	bytes    int
	maxCount int
	maxBytes int
}

func newCache(maxCount, maxBytes int) *cache {
	return &cache{
		byKey: make(map[cacheKey]*list.Element), recent: list.New(),
		maxCount: maxCount, maxBytes: maxBytes,
	}
}

func (c *cache) get(key cacheKey) (program, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return nil, false
	}
	c.recent.MoveToFront(e)
	return entryOf(e).program, true
}

func (c *cache) put(key cacheKey, p program) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok {
		return // somebody else parsed it meanwhile
	}
	c.byKey[key] = c.recent.PushFront(cacheEntry{key, p})
	c.bytes += len(key.source)
	for len(c.byKey) > c.maxCount || c.bytes > c.maxBytes {
		last := c.recent.Back()
		old := entryOf(last).key
		c.recent.Remove(last)
		delete(c.byKey, old)
		c.bytes -= len(old.source)
	}
}

func entryOf(e *list.Element) cacheEntry {
	entry, _ := e.Value.(cacheEntry) // put stores nothing else
	return entry
}
