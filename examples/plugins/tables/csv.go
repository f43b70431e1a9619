package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// readCSV reads text with a delimiter, as RFC 4180 has it.
func readCSV(ctx context.Context, content []byte, o options) (*table, error) {
	text := decodeText(content)
	if strings.ContainsRune(text, 0) {
		return nil, plugin.Errorf(plugin.InvalidArgument, "this is neither text nor an .xlsx file")
	}
	delimiter, _ := utf8.DecodeRuneInString(o.Delimiter)
	if o.Delimiter == "" {
		delimiter = findDelimiter(text)
	}
	if width := widest(text, delimiter); width > maxColumns {
		return nil, tooLarge("a row has %d columns; the most is %d", width, maxColumns)
	}
	r := reader(text, delimiter)
	g := gridFor(o)
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, csvFailure(err)
		}
		if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
			continue
		}
		cells := make([]any, len(record))
		for i, cell := range record {
			cells[i] = cell
		}
		if err := g.add(ctx, cells); err != nil {
			return nil, err
		}
	}
	if o.types() {
		g.detectTypes(o.header())
	}
	return g.finish(&table{Format: formatCSV, Delimiter: string(delimiter)}, o)
}

func reader(text string, delimiter rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = delimiter, -1, true
	return r
}

// widest is how many cells the widest row has at most, found without keeping any:
// eight megabytes of commas would become a row of hundreds.
func widest(text string, delimiter rune) int {
	most, now, quoted := 0, 1, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == delimiter:
			now++
		case r == '\n':
			most, now = max(most, now), 1
		}
	}
	return max(most, now)
}

func csvFailure(err error) error {
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return plugin.Errorf(plugin.InvalidArgument, "line %d, column %d: %v; cells with quotes are written as \"a \"\"quoted\"\" word\"", wrong.Line, wrong.Column, wrong.Err)
	}
	return plugin.Errorf(plugin.InvalidArgument, "the CSV cannot be read: %v", err)
}

// decodeText makes UTF-8 of what spreadsheets write: UTF-8 or UTF-16 with a mark,
// or the Western code page of Windows.
func decodeText(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		b = b[3:]
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return fromUTF16(b[2:], binary.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return fromUTF16(b[2:], binary.BigEndian)
	}
	if utf8.Valid(b) {
		return string(b)
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil { // every byte has a meaning there
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(text)
}

func fromUTF16(b []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// findDelimiter takes the character that gives the first rows the same number of
// cells, and the most.
func findDelimiter(text string) rune {
	const sample = 64 << 10
	if len(text) > sample {
		text = text[:sample]
	}
	best, most := ',', 0
	for _, candidate := range []rune{',', ';', '\t', '|'} {
		r := reader(text, candidate)
		counts := map[int]int{}
		for range 20 {
			record, err := r.Read()
			if err != nil {
				break
			}
			counts[len(record)]++
		}
		for width, rows := range counts {
			if score := rows*1000 + min(width, 999); width > 1 && score > most {
				best, most = candidate, score
			}
		}
	}
	return best
}

// detectTypes turns columns that hold only numbers, or only booleans, into such,
// and empty cells into null. A column with one code such as 007 stays text.
func (g *grid) detectTypes(header bool) {
	rows := g.rows
	if header && len(rows) > 0 {
		rows = rows[1:]
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r))
	}
	numbers, booleans := make([]bool, width), make([]bool, width)
	for i := range width {
		numbers[i], booleans[i] = true, true
	}
	each(rows, func(_ *any, column int, text string) {
		if text != "" {
			numbers[column] = numbers[column] && isNumber(text)
			booleans[column] = booleans[column] && isBoolean(text)
		}
	})
	each(rows, func(cell *any, column int, text string) {
		switch {
		case text == "":
			*cell = nil
		case numbers[column]:
			*cell = json.Number(text)
		case booleans[column]:
			*cell = strings.EqualFold(text, "true")
		}
	})
}

func each(rows [][]any, visit func(cell *any, column int, text string)) {
	for _, r := range rows {
		for i := range r {
			if text, ok := r[i].(string); ok {
				visit(&r[i], i, strings.TrimSpace(text))
			}
		}
	}
}

// isNumber takes numbers of JSON that a float64 holds without loss: 15 digits,
// and an exponent of two.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, rest := digits(s)
	if whole == 0 || whole > 1 && s[0] == '0' {
		return false
	}
	fraction := 0
	if strings.HasPrefix(rest, ".") {
		if fraction, rest = digits(rest[1:]); fraction == 0 {
			return false
		}
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		exponent := 0
		if exponent, rest = digits(rest); exponent < 1 || exponent > 2 {
			return false
		}
	}
	return rest == "" && whole+fraction <= 15
}

// digits is how many digits stand first, and what follows them.
func digits(s string) (n int, rest string) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n, s[n:]
}

func isBoolean(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }
