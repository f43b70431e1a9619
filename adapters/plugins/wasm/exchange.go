package wasm

import (
	"context"
	"encoding/binary"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// stream is a frame on its way into a guest, in as many pieces as it likes.
type stream struct {
	length [4]byte
	parts  [3][]byte
}

func (s *stream) set(f wire.Frame) {
	binary.LittleEndian.PutUint32(s.length[:], uint32(len(f.Header)))
	s.parts = [3][]byte{s.length[:], f.Header, f.Payload}
}

func (s *stream) len() int { return len(s.parts[0]) + len(s.parts[1]) + len(s.parts[2]) }

// read copies what comes next and returns how much that was.
func (s *stream) read(b []byte) int {
	total := 0
	for i := range s.parts {
		n := copy(b[total:], s.parts[i])
		s.parts[i] = s.parts[i][n:]
		total += n
	}
	return total
}

// exchange is one call as the guest sees it.
type exchange struct {
	active bool
	size   int // of the input
	input  stream
	reply  stream // of the last host call
	output []byte
	most   int // bytes of the output, and of a host call
	host   calls.HostFunc
}

func (e *exchange) begin(request wire.Frame, host calls.HostFunc, most int) {
	*e = exchange{active: true, size: request.Size(), most: most, host: host}
	e.input.set(request)
}

// end forgets the call, so that the instance keeps nothing of it alive.
func (e *exchange) end() { *e = exchange{} }

// write takes a piece of the answer. A guest that writes its answer at once, as
// most do, makes it be copied once.
func (e *exchange) write(b []byte) {
	if len(e.output)+len(b) > e.most {
		panic(tooBig("its answer", len(e.output)+len(b), e.most))
	}
	if e.output == nil {
		e.output = make([]byte, 0, len(b))
	}
	e.output = append(e.output, b...)
}

// callHost carries out a request of the guest and returns the size of the reply.
func (e *exchange) callHost(ctx context.Context, raw []byte) int {
	if len(raw) > e.most {
		panic(tooBig("its host call", len(raw), e.most))
	}
	request, err := wire.Parse(append([]byte(nil), raw...)) // the guest's memory changes
	if err != nil {
		panic(breach{fault.PluginFailed, "its host call is broken: " + err.Error()})
	}
	e.reply.set(e.host(ctx, request))
	return e.reply.len()
}
