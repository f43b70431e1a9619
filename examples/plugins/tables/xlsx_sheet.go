package main

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// cell is one while it is read.
type cell struct {
	column int // from 0
	kind   string
	style  int
	text   strings.Builder
}

// readSheet adds the rows of a sheet that have content.
func (w *workbook) readSheet(ctx context.Context, name string, g *grid, o options) error {
	if w.files[name] == nil {
		return plugin.Errorf(plugin.InvalidArgument, "the file is damaged: the sheet's part %q is not there", name)
	}
	var row []any
	var c cell
	seen, next, inValue, inHint := 0, 0, false, false
	return w.visit(name, visitor{
		start: func(element string, attribute func(string) string) error {
			switch element {
			case "row":
				row, next = nil, 0
				if seen++; seen%1024 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
			case "c":
				style, _ := strconv.Atoi(attribute("s")) // none is 0
				c = cell{column: columnOf(attribute("r"), next), kind: attribute("t"), style: style}
				if next = c.column + 1; next > maxColumns {
					return tooLarge("a cell stands in column %d; the most is %d", c.column+1, maxColumns)
				}
			case "rPh":
				inHint = true
			case "v", "t":
				inValue = true
			}
			return nil
		},
		text: func(b []byte) {
			if inValue && !inHint {
				c.text.Write(b)
			}
		},
		end: func(element string) error {
			switch element {
			case "v", "t":
				inValue = false
			case "rPh":
				inHint = false
			case "c":
				value := w.value(&c, o)
				if value == nil || value == "" {
					return nil
				}
				for len(row) <= c.column {
					row = append(row, blank(o))
				}
				row[c.column] = value
			case "row":
				return g.add(ctx, row)
			}
			return nil
		},
	})
}

// columnOf is the number of a column, such as 27 for AB3; next when unknown.
func columnOf(reference string, next int) int {
	n := 0
	for _, r := range reference {
		if r < 'A' || r > 'Z' || n > maxColumns {
			break
		}
		n = n*26 + int(r-'A') + 1
	}
	if n == 0 {
		return next
	}
	return n - 1
}

// value is what a cell holds; nil for nothing.
func (w *workbook) value(c *cell, o options) any {
	text := c.text.String()
	if text == "" {
		return nil
	}
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 || i >= len(w.strings) {
			return nil
		}
		return w.strings[i]
	case "b":
		if o.types() {
			return text == "1"
		}
		return strconv.FormatBool(text == "1")
	case "", "n":
		return w.number(text, c.style, o)
	}
	return text // str, inlineStr, d, e
}

// number is a number, or the date or time that its style shows.
func (w *workbook) number(text string, style int, o options) any {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	if style >= 0 && style < len(w.dates) && w.dates[style] && f >= 0 && f < 2958466 { // up to 9999
		return dateOf(f, w.since04)
	}
	short := strconv.FormatFloat(f, 'f', -1, 64)
	if len(short) > 30 {
		short = strconv.FormatFloat(f, 'g', -1, 64)
	}
	if !o.types() || !json.Valid([]byte(short)) {
		return short
	}
	return json.Number(short)
}

// dateOf turns days into 2006-01-02, 2006-01-02T15:04:05 or 15:04:05. Day 60 of
// the system from 1900 never was, so days before it are one off.
func dateOf(days float64, since04 bool) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if since04 {
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	} else if days >= 1 && days < 60 {
		first = first.AddDate(0, 0, 1)
	}
	whole := int(days)
	seconds := time.Duration((days-float64(whole))*86400+0.5) * time.Second
	t := first.AddDate(0, 0, whole).Add(seconds)
	switch {
	case days < 1 && !since04:
		return t.Format(time.TimeOnly)
	case seconds == 0:
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02T15:04:05")
}

// isBuiltInDate knows the numbered formats of ECMA-376 18.8.30 that show dates.
func isBuiltInDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// isDateFormat looks for days, years, hours and the like outside quotes and
// brackets of colours and places.
func isDateFormat(code string) bool {
	var plain strings.Builder
	if len(code) > 255 { // Excel allows no more
		return false
	}
	quoted, escaped, inBracket, bracket := false, false, false, ""
	for _, r := range strings.ToLower(code) {
		switch {
		case escaped:
			escaped = false
		case quoted:
			quoted = r != '"'
		case inBracket:
			if inBracket = r != ']'; inBracket {
				bracket += string(r)
			} else if strings.Trim(bracket, "hms") == "" {
				plain.WriteString(bracket) // [h]:mm counts hours
			}
		case r == '\\' || r == '_' || r == '*':
			escaped = true
		case r == '"':
			quoted = true
		case r == '[':
			inBracket, bracket = true, ""
		default:
			plain.WriteRune(r)
		}
	}
	text := plain.String()
	return text != "general" && strings.ContainsAny(text, "ymdhs")
}
