package preflight

import "github.com/arturoeanton/nflow-runtime/domain/fault"

// limitsOf reads the size of a table or memory; max is none when it has none.
func limitsOf(s *reader, what string) (least, most uint32, bounded bool) {
	flag := s.byte()
	if s.err == nil && flag > 1 {
		s.fail("%s is shared or has 64-bit addresses, which is not supported", what)
	}
	least = s.u32()
	if flag == 1 {
		most, bounded = s.u32(), true
		if s.err == nil && most < least {
			s.fail("%s begins bigger than it may become", what)
		}
	}
	return least, most, bounded
}

// decodeTables gives every table a maximum.
func (m *module) decodeTables(s *reader) []byte {
	n := s.count("tables", m.limits.Tables)
	out := appendU32(nil, n)
	var total, room uint64
	if n > 0 {
		room = uint64(m.limits.TableSize) / uint64(n)
	}
	for i := uint32(0); i < n && s.err == nil; i++ {
		kind := s.byte()
		if s.err == nil && !isReference(kind) {
			s.fail("table %d is of an unknown kind", i)
		}
		least, most, bounded := limitsOf(s, "a table")
		if total += uint64(least); total > uint64(m.limits.TableSize) {
			s.over("elements of tables", total, m.limits.TableSize)
		}
		if !bounded || uint64(most) > room {
			most = max(least, uint32(room))
		}
		out = append(out, kind, 1)
		out = appendU32(appendU32(out, least), most)
	}
	m.tables = int(n)
	return out
}

func (m *module) decodeMemories(s *reader) {
	if n := s.count("memories", 1); s.err != nil || n == 0 {
		return
	}
	least, _, _ := limitsOf(s, "the memory")
	m.memories = 1
	if s.err == nil && uint64(least) > m.limits.Pages() {
		s.err = fault.New(fault.LimitExceeded, "the module wants %d KiB of memory to begin with, but plugins.memory_mb allows %d; raise it or build a module that begins smaller",
			uint64(least)*pageBytes>>10, m.limits.Pages()*pageBytes>>10).OverLimit("plugins.memory_mb")
	}
}

// decodeElements reads what tables begin with.
func (m *module) decodeElements(s *reader) {
	n := s.count("element segments", m.limits.Elements)
	room := m.limits.TableSize
	for i := uint32(0); i < n && s.err == nil; i++ {
		flags := s.u32()
		if s.err == nil && flags > 7 {
			s.fail("element segment %d is of an unknown kind", i)
			return
		}
		m.elementHead(s, flags)
		count := s.count("elements of tables", room)
		room -= int(count)
		for j := uint32(0); j < count && s.err == nil; j++ {
			if flags&4 != 0 {
				constant(s)
			} else {
				m.functionIndex(s, "an element")
			}
		}
	}
}

// elementHead reads what stands before the elements: bit 0 says that they go
// into no table by themselves, bit 1 that table or kind are given, bit 2 that
// they are expressions.
func (m *module) elementHead(s *reader, flags uint32) {
	if flags&1 == 0 {
		table := uint32(0)
		if flags&2 != 0 {
			table = s.u32()
		}
		if s.err == nil && uint64(table) >= uint64(m.tables) {
			s.fail("an element segment is for a table that is not there")
		}
		constant(s)
	}
	if flags&3 == 0 {
		return
	}
	kind := s.byte()
	if flags&4 == 0 && kind != 0 || flags&4 != 0 && !isReference(kind) {
		s.fail("the kind of an element segment is unknown")
	}
}
