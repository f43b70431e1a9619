//go:build unix

package wasm

import (
	"sync/atomic"

	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sys/unix"
)

// linear is the memory of one instance: addresses for all it may ever use, made
// usable as it grows. It is never copied, costs what it holds, and goes back to
// the system at once when the instance goes.
type linear struct {
	limit    uint64
	total    *atomic.Int64 // counts the bytes of all instances
	reserved []byte
	size     uint64
	refused  bool // it wanted more than it may
	failed   bool // the system refused
}

var _ experimental.MemoryAllocator = (*linear)(nil)

// Allocate implements experimental.MemoryAllocator.
func (l *linear) Allocate(_, most uint64) experimental.LinearMemory {
	size := min(most, l.limit)
	if size == 0 || l.reserved != nil {
		return l
	}
	b, err := unix.Mmap(-1, 0, int(size), unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		l.failed = true
		return l
	}
	l.reserved = b
	return l
}

// Reallocate makes more of the memory usable; nil when that is too much.
func (l *linear) Reallocate(size uint64) []byte {
	if size > uint64(len(l.reserved)) {
		l.refused = true
		return nil
	}
	if size > l.size {
		if err := unix.Mprotect(l.reserved[l.size:size], unix.PROT_READ|unix.PROT_WRITE); err != nil {
			l.failed = true
			return nil
		}
		l.total.Add(int64(size - l.size))
		l.size = size
	}
	if size == 0 {
		return []byte{}
	}
	return l.reserved[:size:size]
}

// Free does nothing: the engine calls it while the guest still runs.
func (l *linear) Free() {}

// release gives the memory back. Nobody uses it any more.
func (l *linear) release() {
	l.total.Add(-int64(l.size))
	l.size = 0
	if l.reserved != nil {
		_ = unix.Munmap(l.reserved) // only fails for addresses that are not ours
		l.reserved = nil
	}
}
