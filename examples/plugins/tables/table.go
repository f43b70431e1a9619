package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// table is what a file becomes.
type table struct {
	Format    string   `json:"format"`
	Delimiter string   `json:"delimiter,omitempty"` // of CSV
	Sheet     string   `json:"sheet,omitempty"`     // of XLSX, that was read
	Sheets    []string `json:"sheets,omitempty"`    // of XLSX, all
	Columns   []string `json:"columns"`
	RowCount  int      `json:"row_count"`
	Rows      []row    `json:"rows"`
}

// row is an object with the columns in order, or an array when it has no names.
type row struct {
	names []string
	cells []any
}

// MarshalJSON keeps the order of the columns. It writes cells itself: asking
// encoding/json for each of a hundred thousand takes ten times the memory.
func (r row) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 32*len(r.cells))
	for i, cell := range r.cells {
		if i > 0 {
			b = append(b, ',')
		} else if r.names == nil {
			b = append(b, '[')
		} else {
			b = append(b, '{')
		}
		if r.names != nil {
			b = append(appendText(b, r.names[i]), ':')
		}
		b = appendCell(b, cell)
	}
	switch {
	case r.names != nil && len(r.cells) == 0:
		return []byte("{}"), nil
	case len(r.cells) == 0:
		return []byte("[]"), nil
	case r.names != nil:
		return append(b, '}'), nil
	}
	return append(b, ']'), nil
}

func appendCell(b []byte, cell any) []byte {
	switch cell := cell.(type) {
	case string:
		return appendText(b, cell)
	case json.Number:
		return append(b, cell...)
	case bool:
		return strconv.AppendBool(b, cell)
	}
	return append(b, "null"...)
}

// appendText appends a JSON string.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(text)
			if err != nil { // a string always encodes
				return append(b, "null"...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, text...)
	return append(b, '"')
}

// read turns a file into a table.
func read(ctx context.Context, content []byte, o options) (*table, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if most := limits().MaxBytes; len(content) > most {
		return nil, tooLarge("the file has %d bytes; the most is %d (the plugin's setting max_bytes)", len(content), most)
	}
	format := o.Format
	if format == "" || format == formatAuto {
		format = guess(content)
	}
	if bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0")) {
		return nil, plugin.Errorf(plugin.InvalidArgument, "this is an .xls file, or an encrypted .xlsx; save it as .xlsx without a password")
	}
	if format == formatXLSX {
		return readXLSX(ctx, content, o)
	}
	return readCSV(ctx, content, o)
}

// guess tells XLSX, which is a ZIP archive, from CSV.
func guess(content []byte) string {
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return formatXLSX
	}
	return formatCSV
}

// grid collects rows within the limits.
type grid struct {
	rows  [][]any
	most  int
	head  int // rows that name the columns
	cells int
}

// add takes a row and passes over one without content.
func (g *grid) add(ctx context.Context, cells []any) error {
	if len(cells) == 0 {
		return nil
	}
	if len(g.rows)%256 == 0 && ctx.Err() != nil {
		return ctx.Err()
	}
	if len(g.rows) >= g.most+g.head {
		return tooLarge("the table has more than %d rows; ask for more with max_rows, or cut it", g.most)
	}
	if len(cells) > maxColumns {
		return tooLarge("row %d has %d columns; the most is %d", len(g.rows)+1, len(cells), maxColumns)
	}
	if g.cells += len(cells); g.cells > limits().MaxCells {
		return tooLarge("the table has more than %d cells (the plugin's setting max_cells)", limits().MaxCells)
	}
	g.rows = append(g.rows, cells)
	return nil
}

// gridFor has room for the rows and for the one that names the columns.
func gridFor(o options) *grid {
	g := &grid{most: o.rows()}
	if o.header() {
		g.head = 1
	}
	return g
}

// finish names the columns and makes all rows as wide as the widest.
func (g *grid) finish(t *table, o options) (*table, error) {
	var head []any
	rows := g.rows
	if o.header() && len(rows) > 0 {
		head, rows = rows[0], rows[1:]
	}
	width := len(head)
	for _, r := range rows {
		width = max(width, len(r))
	}
	if width*len(rows) > limits().MaxCells {
		return nil, tooLarge("the table has more than %d cells (the plugin's setting max_cells)", limits().MaxCells)
	}
	t.Columns = columns(head, width)
	t.RowCount, t.Rows = len(rows), make([]row, len(rows))
	for i, cells := range rows {
		for len(cells) < width {
			cells = append(cells, blank(o))
		}
		t.Rows[i].cells = cells
		if o.header() {
			t.Rows[i].names = t.Columns
		}
	}
	return t, nil
}

// blank is the cell of nothing.
func blank(o options) any {
	if o.types() {
		return nil
	}
	return ""
}

// columns names every column once: by the first row, or by its number.
func columns(head []any, width int) []string {
	names := make([]string, width)
	taken := map[string]bool{}
	for i := range names {
		if i < len(head) && head[i] != nil {
			names[i] = strings.TrimSpace(fmt.Sprint(head[i]))
		}
		if names[i] == "" {
			names[i] = fmt.Sprintf("column_%d", i+1)
		}
		base := names[i]
		for n := 2; taken[names[i]]; n++ {
			names[i] = fmt.Sprintf("%s_%d", base, n)
		}
		taken[names[i]] = true
	}
	return names
}
