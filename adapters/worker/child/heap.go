package child

import (
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// Heap watches the memory of a worker process. While a script runs, it notices
// soon when the script uses too much, and more exactly than the kernel's limit
// can. Between scripts it sees to it that what one left is not counted against
// the next.
type Heap struct {
	limit   uint64 // bytes a script may use; 0 = unbounded
	exceed  func() // ends the process
	samples []metrics.Sample
	seen    uint64 // bytes of objects after it last collected; 0 = it had not to
	began   time.Time
	unseen  int // scripts since it last looked

	running atomic.Bool
	alarm   *time.Timer // nil without a limit
}

// NewHeap returns a Heap for scripts that may use so many bytes; 0 = unbounded.
// exceed is called, on a goroutine of its own, when one uses more; it must end
// the process.
func NewHeap(limit int64, exceed func()) *Heap {
	h := &Heap{limit: uint64(max(limit, 0)), exceed: exceed, samples: newSamples()}
	if h.limit > 0 {
		h.alarm = time.AfterFunc(time.Hour, h.watch)
		h.alarm.Stop()
	}
	return h
}

func newSamples() []metrics.Sample {
	return []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
}

// watchEvery is how often the memory of a running script is looked at. Most
// scripts end before the first look.
const watchEvery = 5 * time.Millisecond

// watch looks again and again while a script runs. Garbage does not count.
func (h *Heap) watch() {
	samples := newSamples()
	if objects(samples) > h.limit+h.limit/8 {
		runtime.GC()
		if h.running.Load() && objects(samples) > h.limit {
			h.exceed()
			return
		}
	}
	if h.running.Load() {
		h.alarm.Reset(watchEvery)
	}
}

// Begin is told that a script starts, End that it ended.
func (h *Heap) Begin() {
	h.began = time.Now()
	if h.alarm != nil {
		h.running.Store(true)
		h.alarm.Reset(watchEvery)
	}
}

// End stops watching.
func (h *Heap) End() {
	if h.alarm != nil {
		h.running.Store(false)
		h.alarm.Stop()
	}
}

// Bounds of what a heap may hold between scripts: above the first it is
// collected; a process that keeps more than a quarter of what a script may use
// even then is better replaced.
const (
	tidyBytes   = 24 << 20
	keptDivisor = 4
)

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
	if objects(h.samples) > h.tidyAt() {
		runtime.GC()
		h.seen = objects(h.samples)
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

// objects is how many bytes the objects of the heap take, garbage included.
func objects(samples []metrics.Sample) uint64 {
	metrics.Read(samples)
	return samples[0].Value.Uint64()
}
