package trail

import (
	"sync/atomic"
	"unsafe"
)

// Size is how many bytes are shared.
const Size = 4096

const (
	placeAt  = 0 // line << 32 | column
	lengthAt = 8
	nameAt   = 16
	maxName  = 1024
)

// Trail is one end of the shared memory.
type Trail struct{ memory []byte }

// over puts a trail over memory of Size bytes, aligned to 8.
func over(memory []byte) *Trail { return &Trail{memory: memory[:Size:Size]} }

// Private returns a trail that is shared with nobody.
func Private() *Trail { return over(make([]byte, Size)) }

// At notes a place: the module, empty for the main script, and line and column,
// both 1-based.
func (t *Trail) At(module string, line, column int) {
	length := t.word(lengthAt)
	name := module[:min(len(module), maxName)]
	if atomic.LoadUint64(length) != uint64(len(name)) || string(t.memory[nameAt:nameAt+len(name)]) != name {
		copy(t.memory[nameAt:], name)
		atomic.StoreUint64(length, uint64(len(name)))
	}
	atomic.StoreUint64(t.word(placeAt), uint64(uint32(line))<<32|uint64(uint32(column)))
}

// Clear forgets the place.
func (t *Trail) Clear() { atomic.StoreUint64(t.word(placeAt), 0) }

// Last is the last place that was noted; line 0 when there is none. What a
// worker wrote is not trusted: it is a hint for people.
func (t *Trail) Last() (module string, line, column int) {
	place := atomic.LoadUint64(t.word(placeAt))
	length := min(atomic.LoadUint64(t.word(lengthAt)), maxName)
	return string(t.memory[nameAt : nameAt+length]), int(uint32(place >> 32)), int(uint32(place))
}

func (t *Trail) word(at int) *uint64 {
	return (*uint64)(unsafe.Pointer(&t.memory[at])) //nolint:gosec // G103: aligned, inside Size bytes
}
