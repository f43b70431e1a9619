package child

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// Heap watches the memory of a worker process between scripts, so that what one
// script left in the heap is not counted against the next.
type Heap struct {
	limit   uint64 // bytes a script may use; 0 = unbounded
	samples []metrics.Sample
	seen    uint64 // bytes of objects after it last collected; 0 = it had not to
	began   time.Time
	unseen  int // scripts since it last looked
}

// NewHeap returns a Heap for scripts that may use so many bytes.
func NewHeap(limit int64) *Heap {
	return &Heap{
		limit:   uint64(max(limit, 0)),
		samples: []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}},
	}
}

// Bounds of what a heap may hold between scripts: above the first it is
// collected; a process that keeps more than a quarter of what a script may use
// even then is better replaced.
const (
	tidyBytes   = 24 << 20
	keptDivisor = 4
)

// Begin is told that a script starts.
func (h *Heap) Begin() { h.began = time.Now() }

// Looking costs as much as a small script, so that not every one is followed by
// a look.
const (
	lookEvery = 64 // scripts
	lookAfter = 2 * time.Millisecond
)

// Tidy collects garbage when scripts left much of it.
func (h *Heap) Tidy() {
	h.unseen++
	if h.unseen < lookEvery && time.Since(h.began) < lookAfter {
		return
	}
	h.unseen = 0
	if h.objects() > h.tidyAt() {
		runtime.GC()
		h.seen = h.objects()
	} else {
		h.seen = 0
	}
}

// Full reports whether the process kept so much, after it was last tidied, that
// scripts would feel it.
func (h *Heap) Full() bool { return h.limit > 0 && h.seen > h.limit/keptDivisor }

func (h *Heap) tidyAt() uint64 {
	if h.limit > 0 {
		return min(tidyBytes, h.limit/keptDivisor)
	}
	return tidyBytes
}

func (h *Heap) objects() uint64 {
	metrics.Read(h.samples)
	return h.samples[0].Value.Uint64()
}
