package goja

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	js "github.com/dop251/goja"
)

const (
	hexDigits   = "0123456789abcdef"
	replacement = string(utf8.RuneError)
)

// text writes a JavaScript string. Its Go form has U+FFFD where a lone
// surrogate stands, so a text with that character is looked at again.
func (e *encoder) text(s js.String) {
	goText := s.String()
	if !strings.Contains(goText, replacement) {
		e.quote(goText)
		return
	}
	e.buf = append(e.buf, '"')
	for i, n := 0, s.Length(); i < n; i++ {
		unit := s.CharAt(i)
		if !utf16.IsSurrogate(rune(unit)) {
			e.buf = appendEscaped(e.buf, rune(unit))
			continue
		}
		if i+1 < n {
			if r := utf16.DecodeRune(rune(unit), rune(s.CharAt(i+1))); r != utf8.RuneError {
				e.buf = utf8.AppendRune(e.buf, r)
				i++
				continue
			}
		}
		e.buf = append(e.buf, '\\', 'u', hexDigits[unit>>12], hexDigits[unit>>8&15], hexDigits[unit>>4&15], hexDigits[unit&15])
	}
	e.buf = append(e.buf, '"')
}

// quote writes a Go string; bytes that are not UTF-8 become U+FFFD.
func (e *encoder) quote(s string) {
	e.buf = append(e.buf, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			e.buf = append(e.buf, s[start:i]...)
			e.buf = appendEscaped(e.buf, rune(c))
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			e.buf = append(e.buf, s[start:i]...)
			e.buf = append(e.buf, replacement...)
			start = i + 1
		}
		i += size
	}
	e.buf = append(e.buf, s[start:]...)
	e.buf = append(e.buf, '"')
}

func appendEscaped(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, '\\', 'b')
	case '\t':
		return append(b, '\\', 't')
	case '\n':
		return append(b, '\\', 'n')
	case '\f':
		return append(b, '\\', 'f')
	case '\r':
		return append(b, '\\', 'r')
	}
	if r < ' ' {
		return append(b, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
	}
	return utf8.AppendRune(b, r)
}

// anyBroken reports whether a key may hold a lone surrogate.
func anyBroken(keys []string) bool {
	for _, k := range keys {
		if strings.Contains(k, replacement) {
			return true
		}
	}
	return false
}
