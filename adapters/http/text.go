package http

import (
	"strings"
	"unicode/utf8"
)

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// isToken reports whether s is a token of RFC 9110, such as a header name.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// isPlain reports whether s is valid UTF-8 without control characters.
func isPlain(s string) bool {
	ascii := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c == 0x7f {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(s)
}

// printable returns s with every control character turned into a space, so that
// it cannot break out of a header line.
func printable(s string) string {
	clean := true
	for i := range len(s) {
		clean = clean && s[i] != 0x7f && (s[i] >= ' ' || s[i] == '\t')
	}
	if clean {
		return s
	}
	b := []byte(s)
	for i, c := range b {
		if c == 0x7f || c < ' ' && c != '\t' {
			b[i] = ' '
		}
	}
	return string(b)
}
