package sqlstore

import (
	"strconv"
	"strings"
)

// dialect is how the two engines spell SQL.
type dialect bool

const (
	sqliteSQL   dialect = false
	postgresSQL dialect = true
)

// number rewrites the placeholders of a statement for the engine and returns
// how many values it takes. SQLite numbers $1 by its first appearance, as a
// name like any other, so each becomes ?1, which means the first value wherever
// it stands. A bare ? counts on from the largest number before it, as SQLite
// does. What stands in strings, quoted names and comments stays.
func (d dialect) number(statement string) (text string, values int) {
	var b strings.Builder
	b.Grow(len(statement))
	for i := 0; i < len(statement); {
		n, end := d.placeholder(statement, i, values)
		if n == 0 {
			end = d.skip(statement, i)
			b.WriteString(statement[i:end])
			i = end
			continue
		}
		values = max(values, n)
		if d == postgresSQL {
			b.WriteString(statement[i:end])
		} else {
			b.WriteByte('?')
			b.WriteString(strconv.Itoa(n))
		}
		i = end
	}
	return b.String(), values
}

// placeholder reads a placeholder at i and returns its number and its end; 0
// when there is none.
func (d dialect) placeholder(s string, i, values int) (n, end int) {
	bare := d == sqliteSQL && s[i] == '?'
	if !bare && (s[i] != '$' || i > 0 && wordByte(s[i-1])) {
		return 0, i
	}
	end = i + 1
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == i+1 && bare {
		return values + 1, end
	}
	const most = 5 // digits; more is a mistake that the count of values reveals
	n, err := strconv.Atoi(s[i+1 : min(end, i+1+most)])
	if err != nil {
		return 0, i
	}
	return n, end
}

// skip returns the end of the string, quoted name, comment or single byte at i.
func (d dialect) skip(s string, i int) int {
	rest := s[i:]
	switch c := s[i]; {
	case c == '\'':
		if d == postgresSQL && i > 0 && s[i-1]|0x20 == 'e' && (i < 2 || !wordByte(s[i-2])) {
			return i + escapedString(rest)
		}
		return i + through(rest, 1, "'")
	case c == '"' || c == '`':
		return i + through(rest, 1, string(c))
	case c == '[' && d == sqliteSQL:
		return i + through(rest, 1, "]")
	case strings.HasPrefix(rest, "--"):
		return i + through(rest, 2, "\n")
	case strings.HasPrefix(rest, "/*"):
		return i + d.comment(rest)
	case c == '$' && d == postgresSQL && (i == 0 || !wordByte(s[i-1])):
		return i + dollarString(rest)
	}
	return i + 1
}

// through returns the end of the first stop in s at or after from, or of s. A
// doubled quote closes and opens a string again, which comes to the same.
func through(s string, from int, stop string) int {
	if at := strings.Index(s[from:], stop); at >= 0 {
		return from + at + len(stop)
	}
	return len(s)
}

// escapedString returns the end of 'it\'s', whose E stands before s.
func escapedString(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			return i + 1
		}
	}
	return len(s)
}

// comment returns the end of a /* comment */; those of PostgreSQL nest.
func (d dialect) comment(s string) int {
	if d == sqliteSQL {
		return through(s, 2, "*/")
	}
	for i, deep := 2, 1; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			deep++
			i++
		case "*/":
			if deep--; deep == 0 {
				return i + 2
			}
			i++
		}
	}
	return len(s)
}

// dollarString returns the end of $tag$text$tag$, or 1 when s is a lone $.
func dollarString(s string) int {
	end := 1
	for end < len(s) && wordByte(s[end]) && s[end] != '$' {
		end++
	}
	if end == len(s) || s[end] != '$' {
		return 1
	}
	return through(s, end+1, s[:end+1])
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
