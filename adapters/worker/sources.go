package worker

import "github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"

// sources are the codes that a process has been sent, and what scripts of that
// code ask for, so that it can be sent ahead.
type sources struct {
	byCode map[string]*source
	next   int64
	bytes  int
}

// source is one code.
type source struct {
	id      int64
	globals []string // asked for before anything else happened
	request bool     // and so was the HTTP request
}

// Bounds of what a process remembers; beyond them it starts anew.
const (
	maxSources     = 512
	maxSourceBytes = 16 << 20
	maxAhead       = 32 // globals sent ahead
)

// full reports whether the process should forget everything before it is sent
// more.
func (s *sources) full() bool { return len(s.byCode) >= maxSources || s.bytes >= maxSourceBytes }

func (s *sources) forget() { s.byCode, s.bytes = nil, 0 }

// of returns a code as it is to be sent, and what is known about it.
func (s *sources) of(code string) (protocol.Source, *source) {
	if known, ok := s.byCode[code]; ok {
		return protocol.Source{ID: known.id}, known
	}
	if s.byCode == nil {
		s.byCode = map[string]*source{}
	}
	s.next++
	s.bytes += len(code)
	fresh := &source{id: s.next}
	s.byCode[code] = fresh
	return protocol.Source{ID: fresh.id, New: true, Code: code}, fresh
}

func (s *source) wants(name string) {
	if len(s.globals) < maxAhead {
		s.globals = append(s.globals, name)
	}
}
