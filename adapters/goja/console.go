package goja

import (
	"fmt"
	"strings"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// maxLogLine bounds one line of console output, in bytes.
const maxLogLine = 16 << 10

// consoleNatives is the console.
func consoleNatives() map[string]native {
	return map[string]native{"console": (*run).console}
}

// console makes the console object; its output goes to Host.Log.
func (r *run) console() js.Value {
	levels := map[string]string{
		"log": "info", "info": "info", "warn": "warn", "error": "error", "debug": "debug", "trace": "debug", "dir": "info",
	}
	return newLazyObject(r.vm, func(name string) js.Value {
		level, ok := levels[name]
		if !ok {
			return nil
		}
		return function(r.vm, name, func(c js.FunctionCall) js.Value {
			r.log(level, r.format(c.Arguments))
			return js.Undefined()
		})
	}, []string{"debug", "error", "info", "log", "warn"})
}

// log hands a line to the host. A line over the limits ends the script instead.
func (r *run) log(level, line string) {
	if len(line) > maxLogLine {
		line = strings.ToValidUTF8(line[:maxLogLine], "") + "... (cut)"
	}
	r.lines++
	r.logged += len(line)
	if r.lines > r.limits.LogLines {
		r.halt(fault.New(fault.LimitExceeded, "the script wrote more than %d lines", r.limits.LogLines).OverLimit(limitLogLines))
	}
	if r.logged > r.limits.LogBytes {
		r.halt(fault.New(fault.LimitExceeded, "the script wrote more than %d bytes of console output", r.limits.LogBytes).OverLimit(limitLogBytes))
	}
	r.call.Host.Log(level, line)
}

// warn is a line of the engine's own, which may be left out but ends no script.
func (r *run) warn(line string) {
	if r.lines < r.limits.LogLines && r.logged+len(line) <= r.limits.LogBytes {
		r.log("warn", line)
	}
}

// format joins values into a line, as Node's console does: texts as they are,
// other values as they would be written, %-directives in a first text.
func (r *run) format(args []js.Value) string {
	var b strings.Builder
	if len(args) > 0 {
		if s, ok := args[0].(js.String); ok {
			used := r.directives(&b, s.String(), args[1:])
			args = args[1+used:]
			if len(args) > 0 {
				b.WriteByte(' ')
			}
		}
	}
	for i, v := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(r.shown(v))
		if b.Len() > maxLogLine {
			break
		}
	}
	return b.String()
}

// shown is a value at the top level of a line.
func (r *run) shown(v js.Value) string {
	if s, ok := v.(js.String); ok {
		return s.String()
	}
	return r.inspect(v)
}

// directives writes a format text and returns how many values it used.
func (r *run) directives(b *strings.Builder, text string, args []js.Value) int {
	used := 0
	for {
		before, rest, found := strings.Cut(text, "%")
		b.WriteString(before)
		if !found {
			return used
		}
		if rest == "" {
			b.WriteByte('%')
			return used
		}
		if rest[0] == '%' && len(args) > 0 {
			b.WriteByte('%')
		} else if written, ok := r.directive(rest[0], args, used); ok {
			b.WriteString(written)
			used++
		} else {
			b.WriteString("%" + rest[:1])
		}
		text = rest[1:]
	}
}

func (r *run) directive(verb byte, args []js.Value, used int) (string, bool) {
	if used >= len(args) {
		return "", false
	}
	v := args[used]
	switch verb {
	case 's':
		return r.shown(v), true
	case 'd':
		return v.ToNumber().String(), true
	case 'i':
		return fmt.Sprint(v.ToInteger()), true
	case 'f':
		return fmt.Sprint(v.ToFloat()), true
	case 'j':
		out, err := r.encode(v)
		if err != nil {
			r.throw(err)
		}
		return string(out.Bytes()), true
	case 'o', 'O':
		return r.inspect(v), true
	case 'c': // a style, for browsers
		return "", true
	}
	return "", false
}
