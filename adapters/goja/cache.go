package goja

import (
	"container/list"
	"sync"
)

// programs keeps compiled programs by their whole source, the least recently
// used going first. A source asked for by many at once is compiled once. What
// did not compile is kept too: it will not compile next time either.
type programs struct {
	max int

	mu    sync.Mutex
	byKey map[source]*list.Element
	order *list.List // of *cached, most recently used first
}

type cached struct {
	key  source
	once sync.Once
	prog *program
	err  error
}

func newPrograms(limit int) *programs {
	return &programs{max: limit, byKey: map[source]*list.Element{}, order: list.New()}
}

func (c *programs) get(s source, compile func(source) (*program, error)) (*program, error) {
	entry := c.entry(s)
	entry.once.Do(func() { entry.prog, entry.err = compile(s) })
	return entry.prog, entry.err
}

func (c *programs) entry(s source) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byKey[s]; ok {
		c.order.MoveToFront(el)
		return elementOf(el)
	}
	entry := &cached{key: s}
	c.byKey[s] = c.order.PushFront(entry)
	if c.order.Len() > c.max {
		oldest := c.order.Back()
		delete(c.byKey, elementOf(oldest).key)
		c.order.Remove(oldest)
	}
	return entry
}

func elementOf(el *list.Element) *cached {
	entry, _ := el.Value.(*cached)
	return entry
}
