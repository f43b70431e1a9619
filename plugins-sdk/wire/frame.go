package wire

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// Frame is a header and a payload, both JSON. An empty payload stands for null.
type Frame struct{ Header, Payload []byte }

// lengthBytes is what stands before the header: its length, little endian.
const lengthBytes = 4

// ErrFrame is the failure of bytes that are no frame.
var ErrFrame = errors.New("this is no frame: a little-endian uint32 header length, the JSON header, the JSON payload")

// New returns a frame with an encoded header.
func New(header any, payload []byte) (Frame, error) {
	h, err := json.Marshal(header)
	if err != nil {
		return Frame{}, fmt.Errorf("encode the header: %w", err)
	}
	return Frame{Header: h, Payload: payload}, nil
}

// Failure is the answer that reports an error.
func Failure(e *Error) Frame {
	h, err := json.Marshal(Response{Error: e})
	if err != nil { // only details can be at fault
		h, _ = json.Marshal(Response{Error: &Error{Code: e.Code, Message: e.Message, Retryable: e.Retryable}})
	}
	return Frame{Header: h}
}

// Size is the number of bytes of the encoded frame.
func (f Frame) Size() int { return lengthBytes + len(f.Header) + len(f.Payload) }

// Append appends the encoded frame to b.
func (f Frame) Append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Header)))
	b = append(b, f.Header...)
	return append(b, f.Payload...)
}

// Parse splits an encoded frame, whose bytes it keeps using.
func Parse(b []byte) (Frame, error) {
	if len(b) < lengthBytes {
		return Frame{}, ErrFrame
	}
	n := binary.LittleEndian.Uint32(b)
	rest := b[lengthBytes:]
	if uint64(n) > uint64(len(rest)) {
		return Frame{}, ErrFrame
	}
	return Frame{Header: rest[:n:n], Payload: rest[n:]}, nil
}
