package node

import (
	"math"
	"strconv"
	"strings"
)

// Placeholder is one parameter marker in a SQL text: bytes Start to End, for
// parameter number Index, counted from 1. Index 0 is an escaped question mark,
// to be replaced by a plain one.
type Placeholder struct{ Start, End, Index int }

// Placeholders finds the parameter markers of a SQL text, outside of strings,
// quoted names, comments and dollar quotes. Markers are $1, $2... in any order
// and number. A text without any may use ?, counted in order, or ?1, ?2...;
// there, ?? is PostgreSQL's operator ?. Where there are $n, every ? is an
// operator.
func Placeholders(query string) []Placeholder {
	var dollars, questions []Placeholder
	most := 0
	for i := 0; i < len(query); {
		end := tokenEnd(query, i)
		text := query[i+1 : end]
		switch {
		case query[i] == '$' && text != "" && isDigit(text[0]):
			dollars = append(dollars, Placeholder{i, end, markNumber(text)})
		case query[i] == '?' && text == "?":
			questions = append(questions, Placeholder{i, end, 0})
		case query[i] == '?' && text != "":
			questions = append(questions, Placeholder{i, end, markNumber(text)})
			most = max(most, markNumber(text))
		case query[i] == '?':
			most++
			questions = append(questions, Placeholder{i, end, most})
		}
		i = end
	}
	if len(dollars) > 0 {
		return dollars
	}
	return questions
}

// CountPlaceholders is how many parameters a SQL text wants.
func CountPlaceholders(query string) int {
	most := 0
	for _, p := range Placeholders(query) {
		most = max(most, p.Index)
	}
	return most
}

// Command is one command of a SQL text.
type Command struct {
	Word string // its first word in capitals, or the byte it begins with, such as (
	Text string // without what separates it from the next, and without the comments before it
}

// Commands are the commands of a SQL text, which a ; separates.
func Commands(query string) []Command {
	var commands []Command
	word, start := "", 0
	for i := 0; i <= len(query); {
		if i == len(query) || query[i] == ';' {
			if word != "" {
				commands = append(commands, Command{word, query[start:i]})
			}
			word = ""
			i++
			continue
		}
		end := tokenEnd(query, i)
		if token := query[i:end]; word == "" && !isBlank(token) {
			word, start = strings.ToUpper(token), i
		}
		i = end
	}
	return commands
}

// isBlank reports whether a token is space or a comment.
func isBlank(token string) bool {
	return strings.TrimSpace(token) == "" || strings.HasPrefix(token, "--") || strings.HasPrefix(token, "/*")
}

// markNumber reads the number of a marker. One that is beyond counting becomes
// a number nobody gives parameters for; so does zero.
func markNumber(digits string) int {
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n == 0 {
		return math.MaxInt32
	}
	return int(n)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
