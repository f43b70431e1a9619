package sqlstore

import (
	"sync"
	"sync/atomic"
)

// mostTexts bounds a book. Our own statements are far fewer; the bound is for the
// connections, which keep a prepared statement for each.
const mostTexts = 200

// book holds our own statements as the engine spells them. A connection of
// PostgreSQL prepares what is in the book and nothing else: texts that differ
// from call to call would fill its memory.
type book struct {
	dialect dialect
	// edition changes when what is prepared is of no use any more, in any
	// connection: another instance migrated the tables.
	edition atomic.Int64

	mu    sync.RWMutex
	texts map[string]string // by the text in our source
}

func newBook(d dialect) *book { return &book{dialect: d, texts: make(map[string]string)} }

// text spells a statement and notes it. Once the book is full it only spells.
func (b *book) text(statement string) string {
	b.mu.RLock()
	text, known := b.texts[statement]
	b.mu.RUnlock()
	if known {
		return text
	}
	text, _ = b.dialect.number(statement)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.texts) < mostTexts {
		b.texts[statement] = text
	}
	return text
}

// holds says whether a text is a statement of ours. Only PostgreSQL asks, where
// both spellings are the same.
func (b *book) holds(text string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	_, known := b.texts[text]
	return known
}
