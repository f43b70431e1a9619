package goja

import (
	"encoding/json"
	"sort"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// sourceMap leads from transpiled code back to the author's.
type sourceMap struct {
	lines  [][]segment // by line of the transpiled code
	before int         // what stood before the author's first line, in bytes
	code   string      // the author's
}

// segment says that the code from column on came from a place; all 0-based,
// columns in UTF-16 units.
type segment struct{ column, line, origin int }

// parseSourceMap reads a version 3 source map with one source.
func parseSourceMap(raw []byte, before int, code string) (*sourceMap, error) {
	var file struct {
		Mappings string `json:"mappings"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "the source map of a script is not readable")
	}
	m := &sourceMap{before: before, code: code}
	var now segment
	for text := range strings.SplitSeq(file.Mappings, ";") {
		now.column = 0
		var line []segment
		for part := range strings.SplitSeq(text, ",") {
			n := vlq(part)
			if len(n) == 0 {
				continue
			}
			now.column += n[0]
			if len(n) >= 4 {
				now.line += n[2]
				now.origin += n[3]
				line = append(line, now)
			}
		}
		m.lines = append(m.lines, line)
	}
	return m, nil
}

// vlq decodes the numbers of one segment; it stops at anything else.
func vlq(part string) []int {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	var out []int
	value, shift := 0, 0
	for i := range len(part) {
		d := strings.IndexByte(digits, part[i])
		if d < 0 || shift > 30 {
			return out
		}
		value |= (d & 31) << shift
		if d&32 != 0 {
			shift += 5
			continue
		}
		if value&1 != 0 {
			value = -value
		}
		out = append(out, value/2)
		value, shift = 0, 0
	}
	return out
}

// find returns the author's place of a 1-based place in the transpiled code;
// false for code that no author wrote.
func (m *sourceMap) find(line, column int) (int, int, bool) {
	return m.findBy(func(line int) (string, bool) { return lineOf(m.code, line) }, line, column)
}

// findIn is find for many places of one text.
func (m *sourceMap) findIn(code lineIndex, line, column int) (int, int, bool) {
	return m.findBy(code.at, line, column)
}

func (m *sourceMap) findBy(lineAt func(int) (string, bool), line, column int) (int, int, bool) {
	if line < 1 || line > len(m.lines) {
		return 0, 0, false
	}
	segments := m.lines[line-1]
	i := sort.Search(len(segments), func(i int) bool { return segments[i].column > column-1 }) - 1
	if i < 0 {
		return 0, 0, false
	}
	s := segments[i]
	if s.line == 0 {
		s.origin -= m.before
	}
	text, ok := lineAt(s.line + 1)
	if !ok || s.line < 0 {
		return 0, 0, false
	}
	return s.line + 1, 1 + charactersOfUTF16(text, s.origin), true
}

// charactersOfUTF16 counts the characters in the first n UTF-16 units of a line.
func charactersOfUTF16(line string, n int) int {
	count := 0
	for _, r := range line {
		if n <= 0 {
			break
		}
		n--
		if r > 0xffff {
			n--
		}
		count++
	}
	return count
}
