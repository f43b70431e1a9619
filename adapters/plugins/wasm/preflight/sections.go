package preflight

// The types of values.
const (
	i32       = 0x7f
	i64       = 0x7e
	f32       = 0x7d
	f64       = 0x7c
	v128      = 0x7b
	funcref   = 0x70
	externref = 0x6f
)

func isNumber(b byte) bool { return b >= v128 && b <= i32 }

func isReference(b byte) bool { return b == funcref || b == externref }

// signature is a function type, a byte for each value.
type signature struct{ params, results string }

func (m *module) decodeTypes(s *reader) {
	n := s.count("function types", m.limits.Types)
	for i := uint32(0); i < n && s.err == nil; i++ {
		if form := s.byte(); s.err == nil && form != 0x60 {
			s.fail("type %d is no function type; types of the garbage collection proposal are not supported", i)
		}
		m.types = append(m.types, signature{m.valueTypes(s), m.valueTypes(s)})
	}
}

func (m *module) valueTypes(s *reader) string {
	n := s.count("parameters or results of a function type", m.limits.Params)
	b := s.bytes(n)
	if m.values += len(b); m.values > m.limits.TypeValues {
		s.over("parameters and results of all function types", uint64(m.values), m.limits.TypeValues)
	}
	for _, t := range b {
		if !isNumber(t) && !isReference(t) {
			s.fail("the type of values 0x%02x is not supported", t)
			return ""
		}
	}
	return string(b)
}

func (m *module) decodeFunctions(s *reader) {
	n := s.count("functions", m.limits.Functions)
	for i := uint32(0); i < n && s.err == nil; i++ {
		m.funcs = append(m.funcs, m.typeIndex(s))
	}
}

func (m *module) typeIndex(s *reader) uint32 {
	index := s.u32()
	if s.err == nil && uint64(index) >= uint64(len(m.types)) {
		s.fail("type %d is not there", index)
		return 0
	}
	return index
}

func (m *module) functionIndex(s *reader, what string) {
	if index := s.u32(); s.err == nil && uint64(index) >= uint64(len(m.funcs)) {
		s.fail("%s is function %d, which is not there", what, index)
	}
}

func (m *module) decodeGlobals(s *reader) {
	n := s.count("globals", m.limits.Globals)
	for i := uint32(0); i < n && s.err == nil; i++ {
		if t := s.byte(); s.err == nil && !isNumber(t) && !isReference(t) {
			s.fail("the type of values 0x%02x is not supported", t)
		}
		if mutable := s.byte(); s.err == nil && mutable > 1 {
			s.fail("global %d is neither constant nor mutable", i)
		}
		constant(s)
	}
	m.globals = int(n)
}

func (m *module) decodeData(s *reader) {
	n := s.count("data segments", m.limits.DataCount)
	if s.err == nil && m.dataCount >= 0 && m.dataCount != int(n) {
		s.fail("%d data segments are announced but %d follow", m.dataCount, n)
	}
	for i := uint32(0); i < n && s.err == nil; i++ {
		kind := s.u32()
		switch {
		case s.err != nil:
		case kind > 2:
			s.fail("data segment %d is of an unknown kind", i)
		case kind == 2 && s.u32() != 0, kind != 1 && m.memories == 0:
			s.fail("data segment %d is for a memory that is not there", i)
		case kind != 1:
			constant(s)
		}
		s.bytes(s.u32())
	}
}

// decodeCustom keeps the names of functions, for stack traces, and nothing else.
func (m *module) decodeCustom(s *reader, body []byte) []byte {
	name := s.name(m.limits.NameBytes)
	s.at = len(s.b)
	if s.err != nil || name != "name" || m.named {
		return nil
	}
	m.named = true
	return functionNames(body[len("\x04name"):], m.limits)
}

// functionNames is a name section with the names of functions only; nil when
// they cannot be read, as nothing depends on them.
func functionNames(b []byte, l Limits) []byte {
	s := &reader{b: b, what: "name section"}
	for s.err == nil && s.left() > 0 {
		id := s.byte()
		part := s.bytes(s.u32())
		if id != 1 || s.err != nil {
			continue
		}
		names := &reader{b: part, what: "name section"}
		n := names.count("names", l.Functions)
		for i := uint32(0); i < n && names.err == nil; i++ {
			names.u32()
			names.name(l.NameBytes)
		}
		names.end()
		if names.err != nil {
			return nil
		}
		out := append([]byte("\x04name"), 1)
		return append(appendU32(out, uint32(len(part))), part...)
	}
	return nil
}
