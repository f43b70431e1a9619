package protocol

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// Source is code that may have crossed before: then only its number does.
type Source struct {
	ID   int64
	New  bool // Code is given, and to be remembered under ID
	Code string
}

// AddSource adds a source.
func (f *Frame) AddSource(s Source) {
	f.Int(s.ID).Bool(s.New)
	if s.New {
		f.Text(s.Code)
	}
}

// Source reads a source.
func (b *Body) Source() Source {
	s := Source{ID: b.Int(), New: b.Bool()}
	if s.New {
		s.Code = b.Text()
	}
	return s
}

// AddScript adds what a script is besides its code.
func (f *Frame) AddScript(s node.Script) {
	f.Text(string(s.Language)).Text(s.Entry).Text(s.Field)
}

// Script reads a script without its code.
func (b *Body) Script() node.Script {
	return node.Script{Language: node.Language(b.Text()), Entry: b.Text(), Field: b.Text()}
}

// AddLimits adds the limits a script runs under.
func (f *Frame) AddLimits(l policy.Limits) {
	f.Int(int64(l.ScriptTime)).Int(int64(l.Operations)).Int(l.MemoryBytes).Int(int64(l.CallDepth)).
		Int(int64(l.PayloadBytes)).Int(int64(l.ResponseBytes)).
		Int(int64(l.LogLines)).Int(int64(l.LogBytes)).Int(int64(l.HostCalls))
}

// Limits reads the limits of a script.
func (b *Body) Limits() policy.Limits {
	return policy.Limits{
		ScriptTime: time.Duration(b.Int()), Operations: int(b.Int()), MemoryBytes: b.Int(), CallDepth: int(b.Int()),
		PayloadBytes: int(b.Int()), ResponseBytes: int(b.Int()),
		LogLines: int(b.Int()), LogBytes: int(b.Int()), HostCalls: int(b.Int()),
	}
}

// AddValue adds a JSON value; the zero value stays the zero value.
func (f *Frame) AddValue(v payload.Value) *Frame {
	if v.IsZero() {
		return f.Raw(nil)
	}
	return f.Raw(v.Bytes())
}

// Value reads a JSON value that the server sent, which is trusted.
func (b *Body) Value() payload.Value { return payload.Trusted(b.Raw()) }

// Untrusted reads a JSON value that a worker sent: anything but JSON breaks the
// frame.
func (b *Body) Untrusted() payload.Value {
	raw := b.Raw()
	if len(raw) == 0 {
		return payload.Value{}
	}
	v, err := payload.Parse(raw)
	if err != nil {
		b.fail()
	}
	return v
}
