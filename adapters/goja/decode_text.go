package goja

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	js "github.com/dop251/goja"
)

// text reads a string value.
func (d *decoder) text() (js.Value, error) {
	s, lone, err := d.quoted()
	if err != nil {
		return nil, err
	}
	if lone != nil {
		return js.StringFromUTF16(lone), nil
	}
	return d.vm.ToValue(s), nil
}

// quoted reads a quoted text. Usually it is a piece of the source; with escapes
// it is a copy; with lone surrogates, which UTF-8 cannot hold, it comes back as
// UTF-16 in the second result.
func (d *decoder) quoted() (string, []uint16, error) {
	d.pos++
	start := d.pos
	for d.pos < len(d.src) {
		switch c := d.src[d.pos]; {
		case c == '"':
			s := d.src[start:d.pos]
			d.pos++
			return s, nil, nil
		case c == '\\':
			return d.escaped(start)
		case c < ' ':
			return "", nil, d.unexpected()
		}
		d.pos++
	}
	return "", nil, d.unexpected()
}

// escaped goes on from the first backslash of a text that began at start.
func (d *decoder) escaped(start int) (string, []uint16, error) {
	var b strings.Builder
	var lone []uint16 // in use once a lone surrogate was seen
	b.WriteString(d.src[start:d.pos])
	add := func(r rune) {
		if lone != nil {
			lone = utf16.AppendRune(lone, r)
		} else {
			b.WriteRune(r)
		}
	}
	for d.pos < len(d.src) {
		switch c := d.src[d.pos]; {
		case c == '"':
			d.pos++
			return b.String(), lone, nil
		case c == '\\':
			r, unit, err := d.escape()
			if err != nil {
				return "", nil, err
			}
			if unit == 0 {
				add(r)
				continue
			}
			if lone == nil {
				lone = utf16.Encode([]rune(b.String()))
			}
			lone = append(lone, unit)
		case c < ' ':
			return "", nil, d.unexpected()
		default:
			r, size := utf8.DecodeRuneInString(d.src[d.pos:])
			d.pos += size
			add(r)
		}
	}
	return "", nil, d.unexpected()
}

// escape reads one escape: a character, or a lone surrogate as its code unit.
func (d *decoder) escape() (rune, uint16, error) {
	d.pos++
	c := d.peek()
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 && c != 0 {
		d.pos++
		return rune("\"\\/\b\f\n\r\t"[i]), 0, nil
	}
	if c != 'u' {
		return 0, 0, d.unexpected()
	}
	unit, err := d.hex()
	if err != nil || !utf16.IsSurrogate(rune(unit)) {
		return rune(unit), 0, err
	}
	mark := d.pos
	if strings.HasPrefix(d.src[d.pos:], `\u`) {
		d.pos++
		second, err := d.hex()
		if err != nil {
			return 0, 0, err
		}
		if r := utf16.DecodeRune(rune(unit), rune(second)); r != utf8.RuneError {
			return r, 0, nil
		}
		d.pos = mark
	}
	return 0, unit, nil
}

// hex reads the u of an escape and its four digits.
func (d *decoder) hex() (uint16, error) {
	d.pos++
	var n uint16
	for range 4 {
		c := d.peek()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, d.unexpected()
		}
		n = n<<4 | uint16(c)
		d.pos++
	}
	return n, nil
}
