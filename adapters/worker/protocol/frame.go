package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Kind says what a frame holds.
type Kind byte

// The kinds of frames, by who sends them.
const (
	Run    Kind = iota + 1 // server: run a script
	Check                  // server: check a script
	Answer                 // server: what the host said
	Cancel                 // server: give up the script with this number

	Hello   // worker: ready; how it is confined
	Call    // worker: call a host function
	Global  // worker: read a global variable
	Request // worker: the HTTP request being served
	Module  // worker: load a stored module
	Log     // worker: a line of console output; not answered
	Done    // worker: what a script left behind
	Checked // worker: what checking a script found
)

const headerBytes = 5 // length of the body, then the kind

// ErrTooLarge is what reading a frame larger than allowed gives.
var ErrTooLarge = errors.New("frame too large")

// Reader reads frames. It is for one goroutine.
type Reader struct {
	from   io.Reader
	max    int
	buffer []byte // read ahead
}

// NewReader returns a reader that refuses bodies of more than so many bytes.
func NewReader(from io.Reader, limit int) *Reader {
	return &Reader{from: from, max: limit, buffer: make([]byte, 0, 4<<10)}
}

// Empty reports whether nothing was read ahead.
func (r *Reader) Empty() bool { return len(r.buffer) == 0 }

// SetLimit changes the largest body that is taken.
func (r *Reader) SetLimit(limit int) { r.max = limit }

// Next reads one frame. The body is the caller's to keep. At the end of the
// stream the error is io.EOF.
func (r *Reader) Next() (Kind, Body, error) {
	if err := r.fill(headerBytes); err != nil {
		return 0, Body{}, err
	}
	size := int(binary.LittleEndian.Uint32(r.buffer))
	kind := Kind(r.buffer[4])
	if size > r.max {
		return kind, Body{}, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, r.max)
	}
	body := make([]byte, size)
	ahead := copy(body, r.buffer[headerBytes:])
	r.buffer = r.buffer[:copy(r.buffer, r.buffer[headerBytes+ahead:])]
	if _, err := io.ReadFull(r.from, body[ahead:]); err != nil {
		return kind, Body{}, io.ErrUnexpectedEOF
	}
	return kind, Body{rest: body}, nil
}

// fill reads until the buffer holds at least n bytes.
func (r *Reader) fill(n int) error {
	for len(r.buffer) < n {
		got, err := r.from.Read(r.buffer[len(r.buffer):cap(r.buffer)])
		r.buffer = r.buffer[:len(r.buffer)+got]
		if err != nil && len(r.buffer) < n {
			if len(r.buffer) > 0 && errors.Is(err, io.EOF) {
				return io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// Writer writes frames. It is safe for concurrent use.
type Writer struct {
	mu sync.Mutex
	to io.Writer
}

// NewWriter returns a writer.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Send writes a frame in one piece.
func (w *Writer) Send(f *Frame) error {
	if len(f.bytes)-headerBytes > maxFrame {
		return ErrTooLarge
	}
	binary.LittleEndian.PutUint32(f.bytes, uint32(len(f.bytes)-headerBytes))
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.to.Write(f.bytes)
	return err
}

// maxFrame is the largest body that fits the header's length.
const maxFrame = 1<<31 - 1
