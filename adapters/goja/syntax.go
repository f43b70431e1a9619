package goja

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/dop251/goja/parser"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// syntaxFault turns the parser's first complaint into a fault.
func (s source) syntaxFault(err error, before int) error {
	var list parser.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return s.faultAt(list[0].Message, list[0].Position.Line, list[0].Position.Column, before)
	}
	return fault.Wrap(err, fault.Invalid, "syntax error: %s", err.Error())
}

// unbalanced is what code gets that closes the function around it.
func (s source) unbalanced() error {
	line, column := s.end()
	return fault.New(fault.Invalid, "syntax error: unbalanced brackets").AtLine(line, column)
}

// faultAt places a message at a position of the wrapped text.
func (s source) faultAt(message string, line, column, before int) *fault.Fault {
	line, column = s.place(line, column, before)
	message = strings.TrimPrefix(message, "SyntaxError: ")
	return fault.New(fault.Invalid, "syntax error: %s", message).AtLine(line, column)
}

// place turns a 1-based line and byte column of the wrapped text into a line
// and a column, counted in characters, of the author's text. What lies past its
// end is its end.
func (s source) place(line, column, before int) (int, int) {
	return s.placeBy(func(line int) (string, bool) { return lineOf(s.code, line) }, line, column, before)
}

// placeIn is place for many places of one text.
func (s source) placeIn(code lineIndex, line, column, before int) (int, int) {
	return s.placeBy(code.at, line, column, before)
}

func (s source) placeBy(lineAt func(int) (string, bool), line, column, before int) (int, int) {
	if line == 1 {
		column -= before
	}
	text, ok := lineAt(line)
	if !ok {
		return s.end()
	}
	return line, characters(text, column)
}

// end is the place after the last character of the author's text.
func (s source) end() (line, column int) {
	trimmed := strings.TrimRight(s.code, " \t\r\n")
	line = 1 + strings.Count(trimmed, "\n")
	return line, 1 + utf8.RuneCountInString(trimmed[strings.LastIndexByte(trimmed, '\n')+1:])
}

// characters turns a 1-based byte column of a line into one in characters.
func characters(line string, column int) int {
	return 1 + utf8.RuneCountInString(line[:min(max(column-1, 0), len(line))])
}

// lineOf is the text of a 1-based line.
func lineOf(code string, line int) (string, bool) {
	for range line - 1 {
		_, rest, more := strings.Cut(code, "\n")
		if !more {
			return "", false
		}
		code = rest
	}
	text, _, _ := strings.Cut(code, "\n")
	return text, true
}
