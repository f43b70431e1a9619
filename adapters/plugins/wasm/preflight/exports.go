package preflight

import "github.com/arturoeanton/nflow-runtime/domain/fault"

// export is what a name stands for.
type export struct {
	kind  byte
	index uint32
}

// What a plugin exports; others are no fault, and never used.
const (
	Memory     = "memory"
	Version    = "nflow_abi_version" // () -> i32
	Call       = "nflow_call"        // () -> i32
	Initialize = "_initialize"       // (), optional
)

func (m *module) decodeExports(s *reader) {
	n := s.count("exports", m.limits.Exports)
	for i := uint32(0); i < n && s.err == nil; i++ {
		name := s.name(m.limits.NameBytes)
		e := export{kind: s.byte(), index: s.u32()}
		if s.err != nil {
			return
		}
		if _, twice := m.exported[name]; twice {
			s.fail("%q is exported twice", name)
		}
		have := []int{len(m.funcs), m.tables, m.memories, m.globals}
		if int(e.kind) >= len(have) || uint64(e.index) >= uint64(have[e.kind]) {
			s.fail("the export %q is a %s that is not there", name, kindName(e.kind))
		}
		m.exported[name] = e
	}
}

func (m *module) checkExports() error {
	if _, command := m.exported["_start"]; command && !m.has(Call) {
		return fault.New(fault.Invalid, "the module is a program (it exports _start); build a library: -buildmode=c-shared in Go, -mexec-model=reactor in C, crate-type cdylib in Rust")
	}
	if e, ok := m.exported[Memory]; !ok || e.kind != 2 {
		return fault.New(fault.Invalid, "the module does not export its memory as %q; add the export, see ABI.md", Memory)
	}
	for _, want := range []struct {
		name     string
		optional bool
		signature
	}{
		{Version, false, signature{"", "\x7f"}},
		{Call, false, signature{"", "\x7f"}},
		{Initialize, true, signature{"", ""}},
	} {
		e, ok := m.exported[want.name]
		switch {
		case !ok && want.optional:
		case !ok:
			return fault.New(fault.Invalid, "the module does not export the function %s %s; a plugin must, see ABI.md", want.name, want.signature)
		case e.kind != 0:
			return fault.New(fault.Invalid, "the export %s is a %s; it must be a function %s", want.name, kindName(e.kind), want.signature)
		case m.types[m.funcs[e.index]] != want.signature:
			return fault.New(fault.Invalid, "the export %s is a function %s; it must be %s", want.name, m.types[m.funcs[e.index]], want.signature)
		}
	}
	return nil
}

func (m *module) has(name string) bool {
	_, ok := m.exported[name]
	return ok
}
