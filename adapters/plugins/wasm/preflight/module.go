package preflight

import (
	"bytes"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// The sections, in the order they must have (data count stands before code).
const (
	custom = iota
	types
	imports
	functions
	tables
	memories
	globals
	exports
	start
	elements
	code
	data
	dataCount
)

func sectionName(id byte) string {
	names := [...]string{
		"custom section", "type section", "import section", "function section", "table section", "memory section",
		"global section", "export section", "start section", "element section", "code section", "data section", "data count section",
	}
	return names[id]
}

// place is where a section stands among the others.
func place(id byte) int {
	switch id {
	case dataCount:
		return 2*elements + 1
	default:
		return 2 * int(id)
	}
}

// module is what is known of a module so far.
type module struct {
	limits Limits
	out    []byte // the module as it will be compiled

	types     []signature
	values    int      // parameters and results of all types
	funcs     []uint32 // the type of each function, imported ones first
	imported  int      // how many are imported
	bodies    int
	tables    int
	memories  int
	globals   int
	dataCount int // -1 = not announced
	exported  map[string]export
	last      int  // place of the section before
	named     bool // has a name section
}

// Check judges a module and returns it rewritten:
//   - tables get a maximum, as a guest could grow them past every memory limit;
//   - functions that call others, or move memory, look at their beginning
//     whether they should stop. The compiler makes only loops look, but calls
//     alone can take for ever: forty functions, each of which calls the next one
//     twice;
//   - custom sections go, all but the names of functions, as nothing needs them.
//
// Faults have code invalid, or limit_exceeded with Limit when a setting lifts it.
func Check(b []byte, l Limits) ([]byte, error) {
	if err := checkMagic(b, l); err != nil {
		return nil, err
	}
	m := &module{limits: l, dataCount: -1, exported: map[string]export{}, out: append(make([]byte, 0, len(b)+len(b)/16), b[:8]...)}
	r := &reader{b: b, at: 8, what: "module"}
	for r.err == nil && r.left() > 0 {
		m.section(r)
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := m.complete(); err != nil {
		return nil, err
	}
	return m.out, nil
}

func checkMagic(b []byte, l Limits) error {
	if len(b) > l.FileBytes {
		return fault.New(fault.Invalid, "the module has %d bytes; the most is %d, so build a smaller one (strip debug information, optimize for size)", len(b), l.FileBytes)
	}
	if len(b) < 8 || !bytes.HasPrefix(b, []byte("\x00asm")) {
		return fault.New(fault.Invalid, "this is no WebAssembly module: it does not begin with \\0asm; build it for wasm, see ABI.md")
	}
	switch version := b[4:8]; {
	case bytes.Equal(version, []byte{1, 0, 0, 0}):
		return nil
	case version[2] == 1 && version[3] == 0:
		return fault.New(fault.Invalid, "this is a WebAssembly component; build a core module (target wasip1 or wasm32-unknown-unknown, not wasip2)")
	default:
		return fault.New(fault.Invalid, "the version of the WebAssembly format is % x; only 01 00 00 00 is supported", version)
	}
}

// section reads the next section and appends what becomes of it.
func (m *module) section(r *reader) {
	r.what = "module"
	id := r.byte()
	if r.err == nil && id > dataCount {
		r.fail("section %d is unknown; tags and other proposals are not supported", id)
	}
	if r.err != nil {
		return
	}
	r.what = sectionName(id)
	size := r.u32()
	body := r.bytes(size)
	if r.err != nil {
		return
	}
	if id != custom {
		if place(id) <= m.last {
			r.fail("it stands twice, or behind one it must precede")
			return
		}
		m.last = place(id)
	}
	s := &reader{b: body, base: r.base + r.at - len(body), what: r.what}
	out := m.decode(id, s, body)
	s.end()
	if s.err != nil {
		r.err = s.err
		return
	}
	if out != nil {
		m.out = append(m.out, id)
		m.out = appendU32(m.out, uint32(len(out)))
		m.out = append(m.out, out...)
	}
}

// decode reads a section and returns it as it will be compiled; nil = left out.
func (m *module) decode(id byte, s *reader, body []byte) []byte {
	switch id {
	case custom:
		return m.decodeCustom(s, body)
	case types:
		m.decodeTypes(s)
	case imports:
		m.decodeImports(s)
	case functions:
		m.decodeFunctions(s)
	case tables:
		return m.decodeTables(s)
	case memories:
		m.decodeMemories(s)
	case globals:
		m.decodeGlobals(s)
	case exports:
		m.decodeExports(s)
	case start:
		m.functionIndex(s, "the start function")
	case elements:
		m.decodeElements(s)
	case dataCount:
		m.dataCount = int(min(s.u32(), 1<<30))
	case code:
		return m.decodeCode(s)
	case data:
		m.decodeData(s)
	}
	return body
}

// complete judges what only the whole module shows.
func (m *module) complete() error {
	if own := len(m.funcs) - m.imported; own != m.bodies {
		return fault.New(fault.Invalid, "the module declares %d functions but has the code of %d", own, m.bodies)
	}
	return m.checkExports()
}
