package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// syntaxFault says where the JSON breaks.
func syntaxFault(b []byte) *fault.Fault {
	var v any
	err := json.Unmarshal(b, &v)
	line, col := position(b, errOffset(err, len(b)))
	return fault.New(fault.Malformed, "not valid JSON: %s", describe(err)).AtLine(line, col)
}

func errOffset(err error, fallback int) int {
	var se *json.SyntaxError
	if errors.As(err, &se) {
		return int(se.Offset)
	}
	return fallback
}

// position turns a byte offset into a 1-based line and column.
func position(b []byte, offset int) (line, col int) {
	if offset > len(b) {
		offset = len(b)
	}
	before := b[:max(offset-1, 0)]
	line = 1 + bytes.Count(before, []byte{'\n'})
	col = len(before) - (bytes.LastIndexByte(before, '\n') + 1) + 1
	return line, col
}

// describe is the decoder's own words without Go type names.
func describe(err error) string {
	var te *json.UnmarshalTypeError
	if errors.As(err, &te) {
		return fmt.Sprintf("field %q cannot be a %s", te.Field, te.Value)
	}
	if err == nil {
		return "unexpected end"
	}
	return err.Error()
}

// depth is the deepest nesting of valid JSON.
func depth(b []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}
