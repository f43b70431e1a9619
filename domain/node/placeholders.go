package node

import (
	"strconv"
	"strings"
)

// Placeholder is one parameter marker in a SQL text: bytes Start to End, for
// parameter number Index, counted from 1.
type Placeholder struct{ Start, End, Index int }

// Placeholders finds the parameter markers of a SQL text, outside of strings,
// quoted names, comments and dollar quotes. Markers are $1, $2...; a text
// without any may use ?, counted in order. Where there are $n, a ? is an
// operator of PostgreSQL.
func Placeholders(query string) []Placeholder {
	var numbered, plain []Placeholder
	for i := 0; i < len(query); {
		if end := skipQuoted(query, i); end > i {
			i = end
			continue
		}
		end := i + 1
		switch query[i] {
		case '?':
			plain = append(plain, Placeholder{i, end, len(plain) + 1})
		case '$':
			for end < len(query) && isDigit(query[end]) {
				end++
			}
			if n, err := strconv.Atoi(query[i+1 : end]); err == nil && n > 0 {
				numbered = append(numbered, Placeholder{i, end, n})
			}
		}
		i = end
	}
	if len(numbered) > 0 {
		return numbered
	}
	return plain
}

// CountPlaceholders is how many parameters a SQL text wants.
func CountPlaceholders(query string) int {
	most := 0
	for _, p := range Placeholders(query) {
		most = max(most, p.Index)
	}
	return most
}

// skipQuoted returns the index after the string, quoted name, comment or dollar
// quote that begins at i; i itself when none does.
func skipQuoted(q string, i int) int {
	switch rest := q[i:]; {
	case q[i] == '\'' || q[i] == '"' || q[i] == '`':
		return after(q, i+1, q[i:i+1])
	case strings.HasPrefix(rest, "--"):
		return after(q, i, "\n")
	case strings.HasPrefix(rest, "/*"):
		return after(q, i+2, "*/")
	case q[i] == '$':
		tag := dollarTag(rest)
		if tag == "" || i > 0 && isWord(q[i-1]) {
			return i
		}
		return after(q, i+len(tag), tag)
	case isWord(q[i]):
		for i < len(q) && isWord(q[i]) {
			i++
		}
	}
	return i
}

func after(q string, from int, mark string) int {
	if n := strings.Index(q[from:], mark); n >= 0 {
		return from + n + len(mark)
	}
	return len(q)
}

// dollarTag is the opening $tag$ of a dollar quote, or nothing.
func dollarTag(s string) string {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '$':
			return s[:i+1]
		case !isWord(s[i]) || i == 1 && isDigit(s[i]):
			return ""
		}
	}
	return ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
