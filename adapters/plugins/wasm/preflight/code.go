package preflight

// check is a loop that never repeats. The compiler asks at the head of every
// loop whether the guest should stop.
const check = "\x03\x40\x0b"

// fewMoves is how many moves of memory a function may make in a row without
// being asked: each takes milliseconds when the memory is big.
const fewMoves = 16

func (m *module) decodeCode(s *reader) []byte {
	n := s.count("functions", m.limits.Functions)
	out := appendU32(make([]byte, 0, len(s.b)+len(s.b)/16), n)
	for i := uint32(0); i < n && s.err == nil; i++ {
		size := s.u32()
		if s.err == nil && uint64(size) > uint64(m.limits.BodyBytes) {
			s.over("a function of bytes", uint64(size), m.limits.BodyBytes)
		}
		body := s.bytes(size)
		f := &function{limits: m.limits, reader: reader{b: body, base: s.base + s.at - len(body), what: s.what}}
		f.decode()
		if f.err != nil {
			s.err = f.err
			return nil
		}
		out = f.append(out)
	}
	m.bodies = int(n)
	return out
}

// function is the code of one.
type function struct {
	reader
	limits Limits

	begin   int   // where the instructions begin
	looks   bool  // a loop stands before anything that may take long
	decided bool  // whether looks is known
	calls   bool  // it calls
	moves   []int // where it moves memory
}

func (f *function) decode() {
	f.locals()
	f.begin = f.at
	depth := 1
	for f.err == nil && depth > 0 {
		at := f.at
		op := f.byte()
		f.immediates(op)
		switch op {
		case opBlock, opIf:
			depth++
			f.decided = true
		case opLoop:
			depth++
			f.looks, f.decided = f.looks || !f.decided, true
		case opEnd:
			depth--
		case opBr, opBrIf, opBrTable, opReturn, opUnreachable:
			f.decided = true
		case opCall, opCallIndirect:
			f.calls, f.decided = true, true
		case opMisc:
			if f.isMove(at) {
				f.moves, f.decided = append(f.moves, at), true
			}
		}
	}
	f.end()
}

// isMove reports whether the instruction at is memory.init, copy or fill.
func (f *function) isMove(at int) bool {
	r := reader{b: f.b, at: at + 1}
	n := r.u32()
	return n == 8 || n == 10 || n == 11
}

func (f *function) locals() {
	groups := f.count("groups of variables", f.limits.Locals)
	total := uint64(0)
	for i := uint32(0); i < groups && f.err == nil; i++ {
		total += uint64(f.u32())
		if f.err == nil && total > uint64(f.limits.Locals) {
			f.over("variables of one function", total, f.limits.Locals)
		}
		if t := f.byte(); f.err == nil && !isNumber(t) && !isReference(t) {
			f.fail("the type of values 0x%02x is not supported", t)
		}
	}
}

// append appends the function with the checks it needs.
func (f *function) append(out []byte) []byte {
	var at []int
	if !f.looks && (f.calls || len(f.moves) > 0) {
		at = append(at, f.begin)
	}
	if len(f.moves) > fewMoves {
		at = append(at, f.moves...)
	}
	out = appendU32(out, uint32(len(f.b)+len(at)*len(check)))
	from := 0
	for _, to := range at {
		out = append(out, f.b[from:to]...)
		out = append(out, check...)
		from = to
	}
	return append(out, f.b[from:]...)
}
