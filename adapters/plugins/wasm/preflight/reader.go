package preflight

import (
	"strconv"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// reader walks over bytes. The first fault stays, and what is read after it is
// zero, so that callers check once for several reads.
type reader struct {
	b    []byte
	at   int
	base int    // offset of b in the module
	what string // what is read, for messages
	err  error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		f := fault.New(fault.Invalid, format, args...)
		f.Message += " (" + r.what + ", byte " + strconv.Itoa(r.base+r.at) + ")"
		r.err = f
		r.at = len(r.b)
	}
}

// over reports a limit. It is a fault of the module all the same: no setting
// lifts it.
func (r *reader) over(what string, got uint64, most int) {
	r.fail("the module has %s: %d, at most %d; build a smaller one", what, got, most)
}

func (r *reader) left() int { return len(r.b) - r.at }

func (r *reader) byte() byte {
	if r.left() < 1 {
		r.fail("the module ends too early")
		return 0
	}
	r.at++
	return r.b[r.at-1]
}

// bytes returns the next n bytes, which stay those of the module.
func (r *reader) bytes(n uint32) []byte {
	if uint64(n) > uint64(r.left()) {
		r.fail("the module ends too early: %d bytes are announced, %d are left", n, r.left())
		return nil
	}
	b := r.b[r.at : r.at+int(n) : r.at+int(n)]
	r.at += int(n)
	return b
}

// u32 reads an unsigned LEB128 number of 32 bits, which linkers may pad to five
// bytes but not further.
func (r *reader) u32() uint32 {
	var n uint32
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		if r.err != nil {
			return 0
		}
		if shift == 28 && b > 0x0f {
			break
		}
		n |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
	r.fail("a number has more than 32 bits")
	return 0
}

// skipLEB passes over a signed LEB128 number of so many bits at most.
func (r *reader) skipLEB(bits int) {
	for read := 0; read < bits; read += 7 {
		if b := r.byte(); b < 0x80 {
			return
		}
	}
	r.fail("a number has more than %d bits", bits)
}

// count reads how many items follow; each takes at least one byte.
func (r *reader) count(what string, most int) uint32 {
	n := r.u32()
	switch {
	case r.err != nil:
		return 0
	case uint64(n) > uint64(most):
		r.over(what, uint64(n), most)
		return 0
	case uint64(n) > uint64(r.left()):
		r.fail("%d %s are announced in %d bytes", n, what, r.left())
		return 0
	}
	return n
}

func (r *reader) name(most int) string {
	n := r.u32()
	if r.err == nil && uint64(n) > uint64(most) {
		r.over("a name of bytes", uint64(n), most)
	}
	b := r.bytes(n)
	if r.err == nil && !utf8.Valid(b) {
		r.fail("a name is no UTF-8")
	}
	if r.err != nil {
		return ""
	}
	return string(b)
}

// end reports bytes nobody asked for.
func (r *reader) end() {
	if r.err == nil && r.left() > 0 {
		r.fail("%d bytes too many", r.left())
	}
}

// appendU32 appends n as unsigned LEB128.
func appendU32(b []byte, n uint32) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}
