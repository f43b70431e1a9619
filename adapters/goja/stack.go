package goja

import (
	"fmt"
	"strings"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// maxFrames bounds the call stack kept with a fault.
const maxFrames = 50

// placedAt returns a copy of a fault placed at the topmost frame an author wrote, with
// the call stack as its cause.
func (r *run) placedAt(f *fault.Fault, frames []js.StackFrame, cause error) error {
	placed := f.Because(&trace{stack: r.stackText(frames), cause: cause})
	placed.Line, placed.Column = 0, 0
	if placed.Field == "" {
		placed.Field = r.call.Script.Field
	}
	for _, frame := range frames {
		p, line, column, ok := r.author(frame)
		if !ok {
			continue
		}
		placed.Line, placed.Column = line, column
		if p != r.main {
			placed.Message += " (in module " + p.name + ")"
			placed.Field = ""
		}
		break
	}
	return placed
}

// author finds the place of a frame in an author's text; false for native code
// and for what the transpiler added.
func (r *run) author(frame js.StackFrame) (p *program, line, column int, ok bool) {
	pos := frame.Position()
	if pos.Line == 0 {
		return nil, 0, 0, false
	}
	p = r.main
	if name := frame.SrcName(); name != p.name {
		if p = r.loaded[name]; p == nil {
			return nil, 0, 0, false
		}
	}
	line, column, ok = p.place(pos.Line, pos.Column)
	return p, line, column, ok
}

// stackText is a call stack in the author's terms, one frame a line.
func (r *run) stackText(frames []js.StackFrame) string {
	var b strings.Builder
	for i, frame := range frames {
		if i == maxFrames {
			fmt.Fprintf(&b, "... %d more\n", len(frames)-i)
			break
		}
		p, line, column, ok := r.author(frame)
		if !ok {
			continue
		}
		name := r.call.Name
		if p != r.main || name == "" {
			name = strings.TrimSpace("script " + p.name)
		}
		fmt.Fprintf(&b, "at %s (%s:%d:%d)\n", frame.FuncName(), name, line, column)
	}
	return b.String()
}
