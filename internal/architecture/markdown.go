package architecture

import "strings"

// rowsUnder returns the rows of the Markdown table whose header starts with
// the given word, as cells without backticks.
func rowsUnder(markdown, header string) [][]string {
	var rows [][]string
	inside := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			inside = false
			continue
		}
		cells := splitCells(line)
		switch {
		case cells[0] == header:
			inside = true
		case inside && strings.Trim(cells[0], "-: ") != "":
			rows = append(rows, cells)
		}
	}
	return rows
}

func splitCells(line string) []string {
	line = strings.ReplaceAll(strings.Trim(line, "|"), "`", "")
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}
