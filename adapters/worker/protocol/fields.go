package protocol

import (
	"encoding/binary"
	"errors"
)

// Frame is a frame being written. Its buffer can be used again and again.
type Frame struct{ bytes []byte }

// Begin starts a new frame in the same buffer.
func (f *Frame) Begin(k Kind) *Frame {
	if cap(f.bytes) > keptBuffer {
		f.bytes = nil
	}
	f.bytes = append(f.bytes[:0], 0, 0, 0, 0, byte(k))
	return f
}

// keptBuffer is the largest buffer kept for the next frame, so that one large
// payload does not stay for ever.
const keptBuffer = 64 << 10

// Int adds a number.
func (f *Frame) Int(n int64) *Frame {
	f.bytes = binary.AppendVarint(f.bytes, n)
	return f
}

// Bool adds a truth value.
func (f *Frame) Bool(b bool) *Frame {
	var n byte
	if b {
		n = 1
	}
	f.bytes = append(f.bytes, n)
	return f
}

// Text adds a text.
func (f *Frame) Text(s string) *Frame {
	f.bytes = append(binary.AppendUvarint(f.bytes, uint64(len(s))), s...)
	return f
}

// Raw adds bytes.
func (f *Frame) Raw(b []byte) *Frame {
	f.bytes = append(binary.AppendUvarint(f.bytes, uint64(len(b))), b...)
	return f
}

// Body is a frame being read. After the first field that is not there, every
// further one is zero and Err tells.
type Body struct {
	rest   []byte
	broken bool
}

var errBroken = errors.New("malformed frame")

// Err reports whether everything that was read was there, and nothing else.
func (b *Body) Err() error {
	if b.broken || len(b.rest) > 0 {
		return errBroken
	}
	return nil
}

// Int reads a number.
func (b *Body) Int() int64 {
	n, used := binary.Varint(b.rest)
	if used <= 0 {
		return int64(b.fail())
	}
	b.rest = b.rest[used:]
	return n
}

// Bool reads a truth value.
func (b *Body) Bool() bool {
	if len(b.rest) == 0 || b.rest[0] > 1 {
		return b.fail() != 0
	}
	v := b.rest[0] == 1
	b.rest = b.rest[1:]
	return v
}

// Text reads a text.
func (b *Body) Text() string { return string(b.Raw()) }

// Raw reads bytes, which share the frame's memory; nil when there are none.
func (b *Body) Raw() []byte {
	size, used := binary.Uvarint(b.rest)
	if used <= 0 || size > uint64(len(b.rest)-used) {
		b.fail()
		return nil
	}
	if size == 0 {
		b.rest = b.rest[used:]
		return nil
	}
	end := used + int(size)
	v := b.rest[used:end:end]
	b.rest = b.rest[end:]
	return v
}

// Count reads how many elements follow, of at least so many bytes each; there
// may be no more than most.
func (b *Body) Count(bytes, most int) int {
	n := b.Int()
	if n < 0 || n > int64(most) || n*int64(bytes) > int64(len(b.rest)) {
		return b.fail()
	}
	return int(n)
}

func (b *Body) fail() int {
	b.broken, b.rest = true, nil
	return 0
}
