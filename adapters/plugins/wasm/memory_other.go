//go:build !unix

package wasm

import (
	"sync/atomic"

	"github.com/tetratelabs/wazero/experimental"
)

// linear is the memory of one instance, on Go's heap.
type linear struct {
	limit   uint64
	total   *atomic.Int64 // counts the bytes of all instances
	b       []byte
	size    uint64
	refused bool // it wanted more than it may
	failed  bool // never set here
}

var _ experimental.MemoryAllocator = (*linear)(nil)

// Allocate implements experimental.MemoryAllocator.
func (l *linear) Allocate(_, most uint64) experimental.LinearMemory {
	l.limit = min(l.limit, most)
	return l
}

// Reallocate makes the memory bigger; nil when that is too much.
func (l *linear) Reallocate(size uint64) []byte {
	if size > l.limit {
		l.refused = true
		return nil
	}
	if size > uint64(cap(l.b)) {
		grown := make([]byte, size, min(l.limit, size+size/2))
		copy(grown, l.b)
		l.b = grown
	}
	l.total.Add(int64(size - l.size))
	l.size = size
	l.b = l.b[:size]
	return l.b[:size:size]
}

// Free does nothing: the engine calls it while the guest still runs.
func (l *linear) Free() {}

// release gives the memory back. Nobody uses it any more.
func (l *linear) release() {
	l.total.Add(-int64(l.size))
	l.size, l.b = 0, nil
}
