package goja

import "strings"

// lineIndex finds the lines of a text quickly; for asking about many.
type lineIndex struct{ lines []string }

func newLineIndex(code string) lineIndex { return lineIndex{lines: strings.Split(code, "\n")} }

// at is the text of a 1-based line.
func (x lineIndex) at(line int) (string, bool) {
	if line < 1 || line > len(x.lines) {
		return "", false
	}
	return x.lines[line-1], true
}
