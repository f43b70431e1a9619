package node

import "strings"

// tokenEnd returns the index after the token of a SQL text that begins at i,
// always more than i: a string, quoted name, comment or dollar quote with all
// that is inside, a word, a marker, or one byte of anything else. What is not
// closed goes to the end of the text. PostgreSQL and SQLite agree on all of it,
// except that only PostgreSQL nests comments, and knows E'...' and dollar quotes.
func tokenEnd(q string, i int) int {
	switch c := q[i]; {
	case c == '\'' || c == '"' || c == '`':
		// A doubled quote inside reads as two strings side by side.
		return after(q, i+1, q[i:i+1])
	case strings.HasPrefix(q[i:], "--"):
		return after(q, i, "\n")
	case strings.HasPrefix(q[i:], "/*"):
		return commentEnd(q, i)
	case c == '$':
		return dollarEnd(q, i)
	case c == '?':
		if strings.HasPrefix(q[i:], "??") {
			return i + 2
		}
		return digitsEnd(q, i+1)
	case isWord(c):
		return wordEnd(q, i)
	}
	return i + 1
}

// wordEnd ends a name, keyword or number. Names may hold a $, but not begin
// with it; E'...' is a string in which a backslash escapes.
func wordEnd(q string, i int) int {
	number := isDigit(q[i])
	end := i
	for end < len(q) && (isWord(q[end]) || q[end] == '$' && !number) {
		end++
	}
	if word := q[i:end]; (word != "E" && word != "e") || end == len(q) || q[end] != '\'' {
		return end
	}
	for end++; end < len(q); end++ {
		switch q[end] {
		case '\\':
			end++
		case '\'':
			return end + 1
		}
	}
	return len(q)
}

// dollarEnd ends $1, or a dollar quote such as $$...$$ and $tag$...$tag$.
func dollarEnd(q string, i int) int {
	if end := digitsEnd(q, i+1); end > i+1 {
		return end
	}
	end := i + 1
	for end < len(q) && isWord(q[end]) {
		end++
	}
	if end == len(q) || q[end] != '$' {
		return i + 1
	}
	return after(q, end+1, q[i:end+1])
}

func commentEnd(q string, i int) int {
	for level := 0; i < len(q); i++ {
		switch {
		case strings.HasPrefix(q[i:], "/*"):
			level++
			i++
		case strings.HasPrefix(q[i:], "*/"):
			level--
			i++
			if level == 0 {
				return i + 1
			}
		}
	}
	return len(q)
}

func digitsEnd(q string, i int) int {
	for i < len(q) && isDigit(q[i]) {
		i++
	}
	return i
}

func after(q string, from int, mark string) int {
	if n := strings.Index(q[from:], mark); n >= 0 {
		return from + n + len(mark)
	}
	return len(q)
}
