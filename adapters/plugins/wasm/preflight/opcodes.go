package preflight

// The instructions that matter here.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opMisc         = 0xfc
	opVector       = 0xfd
)

// immediates passes over what follows an instruction of WebAssembly 2.0.
func (f *function) immediates(op byte) {
	switch {
	case f.err != nil, isBare(op):
	case op >= opBlock && op <= opIf:
		f.skipLEB(33)
	case hasIndex(op):
		f.u32()
	case op == opBrTable:
		for range f.count("labels of a br_table", f.limits.Labels) {
			f.u32()
		}
		f.u32()
	case op == opCallIndirect:
		f.u32()
		f.u32()
	case op == 0x1c:
		f.bytes(f.count("types of a select", 1))
	case op >= 0x28 && op <= 0x3e:
		f.address()
	case op == 0x3f, op == 0x40, op == 0xd0:
		f.byte()
	case op >= 0x41 && op <= 0x44:
		f.number(op)
	case op == opMisc:
		f.misc()
	case op == opVector:
		f.vector()
	default:
		f.unsupported(op, 0)
	}
}

// isBare reports whether nothing follows an instruction.
func isBare(op byte) bool {
	switch op {
	case opUnreachable, 0x01, 0x05, opEnd, opReturn, 0x1a, 0x1b, 0xd1:
		return true
	}
	return op >= 0x45 && op <= 0xc4
}

// hasIndex reports whether one number follows: a label, a function, a variable.
func hasIndex(op byte) bool {
	switch op {
	case opBr, opBrIf, opCall, 0xd2:
		return true
	}
	return op >= 0x20 && op <= 0x26
}

// address is alignment and offset.
func (f *function) address() {
	f.u32()
	f.u32()
}

// number is the value of a constant.
func (r *reader) number(op byte) {
	switch op {
	case 0x41:
		r.skipLEB(32)
	case 0x42:
		r.skipLEB(64)
	case 0x43:
		r.bytes(4)
	case 0x44:
		r.bytes(8)
	}
}

// misc are conversions, and instructions on whole pieces of memory and tables.
func (f *function) misc() {
	switch n := f.u32(); {
	case n <= 7:
	case n == 8, n == 10, n == 12, n == 14:
		f.u32()
		f.u32()
	case n == 9, n == 11, n == 13, n >= 15 && n <= 17:
		f.u32()
	default:
		f.unsupported(opMisc, n)
	}
}

// vector are the instructions on 128 bits.
func (f *function) vector() {
	switch n := f.u32(); {
	case n <= 11, n == 92, n == 93:
		f.address()
	case n == 12, n == 13:
		f.bytes(16)
	case n >= 21 && n <= 34:
		f.byte()
	case n >= 84 && n <= 91:
		f.address()
		f.byte()
	case n <= 255:
	default:
		f.unsupported(opVector, n)
	}
}

func (f *function) unsupported(op byte, n uint32) {
	proposal := "no instruction of WebAssembly 2.0"
	switch op {
	case 0x06, 0x07, 0x08, 0x09, 0x0a, 0x18, 0x19, 0x1f:
		proposal = "of the proposal for exceptions; build without it"
	case 0x12, 0x13:
		proposal = "of the proposal for tail calls; build without it"
	case 0xfb:
		proposal = "of the proposal for garbage collection; build without it"
	case 0xfe:
		proposal = "of the proposal for threads; build without it"
	case opVector:
		proposal = "of the proposal for relaxed SIMD; build without it"
	}
	f.fail("instruction 0x%02x %d is %s", op, n, proposal)
}

// constant passes over an expression of one instruction and its end.
func constant(s *reader) {
	op := s.byte()
	switch {
	case s.err != nil:
		return
	case op >= 0x41 && op <= 0x44:
		s.number(op)
	case op == 0x23, op == 0xd2:
		s.u32()
	case op == 0xd0:
		s.byte()
	case op == opVector && s.u32() == 12:
		s.bytes(16)
	default:
		s.fail("a constant expression has the instruction 0x%02x, which is not supported", op)
	}
	if end := s.byte(); s.err == nil && end != opEnd {
		s.fail("a constant expression has more than one instruction, which is not supported")
	}
}
