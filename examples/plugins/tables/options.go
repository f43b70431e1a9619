package main

import (
	"sync/atomic"
	"unicode/utf8"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// The formats.
const (
	formatAuto = "auto"
	formatCSV  = "csv"
	formatXLSX = "xlsx"
)

// options say how a table is read.
type options struct {
	Format    string `json:"format,omitempty" jsonschema:"auto, csv or xlsx; auto when left out"`
	Delimiter string `json:"delimiter,omitempty" jsonschema:"the character between two cells of CSV; found out when left out"`
	Header    *bool  `json:"header,omitempty" jsonschema:"whether the first row names the columns; true when left out. Without names, rows are arrays"`
	Sheet     string `json:"sheet,omitempty" jsonschema:"the sheet of XLSX; the first one when left out"`
	Types     *bool  `json:"types,omitempty" jsonschema:"whether numbers, booleans and empty cells become numbers, booleans and null; true when left out"`
	MaxRows   int    `json:"max_rows,omitempty" jsonschema:"more rows are refused; 10000 when left out"`
}

const defaultRows = 10_000

// check refuses options that mean nothing.
func (o options) check() error {
	wrong := func(format string, args ...any) error {
		return plugin.Errorf(plugin.InvalidArgument, format, args...)
	}
	switch o.Format {
	case "", formatAuto, formatCSV, formatXLSX:
	default:
		return wrong("format: %q is unknown; use auto, csv or xlsx", o.Format)
	}
	if r, size := utf8.DecodeRuneInString(o.Delimiter); o.Delimiter != "" {
		if size != len(o.Delimiter) || r == '"' || r == '\r' || r == '\n' || r == utf8.RuneError {
			return wrong("delimiter: %q is no delimiter; use one character such as , or ; or a tab", o.Delimiter)
		}
	}
	if most := limits().MaxRows; o.MaxRows < 0 || o.MaxRows > most {
		return wrong("max_rows: %d is not between 1 and %d", o.MaxRows, most)
	}
	return nil
}

func (o options) header() bool { return o.Header == nil || *o.Header }
func (o options) types() bool  { return o.Types == nil || *o.Types }

func (o options) rows() int {
	if o.MaxRows == 0 {
		return min(defaultRows, limits().MaxRows)
	}
	return o.MaxRows
}

// file is a table as it comes in a payload.
type file struct {
	Text    string `json:"text,omitempty" jsonschema:"the table as text"`
	Content []byte `json:"content_base64,omitempty" jsonschema:"the file, in base64"`
}

func (f file) bytes() ([]byte, error) {
	switch {
	case f.Text != "" && len(f.Content) > 0:
		return nil, plugin.Errorf(plugin.InvalidArgument, "both text and content_base64 are there; give one of them")
	case f.Text != "":
		return []byte(f.Text), nil
	case len(f.Content) > 0:
		return f.Content, nil
	}
	return nil, plugin.Errorf(plugin.InvalidArgument, "there is no table; give text or content_base64")
}

// settings are the operator's.
type settings struct {
	MaxBytes    int `json:"max_bytes,omitzero" jsonschema:"of a file; 8388608 when left out"`
	MaxUnpacked int `json:"max_unpacked_bytes,omitzero" jsonschema:"of an XLSX file, unpacked; 67108864 when left out"`
	MaxRows     int `json:"max_rows,omitzero" jsonschema:"that anybody may ask for; 100000 when left out"`
	MaxCells    int `json:"max_cells,omitzero" jsonschema:"of a table; 1000000 when left out"`
}

// maxColumns bounds one row.
const maxColumns = 2000

var configured atomic.Pointer[settings]

func configure(s settings) error {
	for _, one := range []struct {
		name  string
		value *int
		most  int
	}{
		{"max_bytes", &s.MaxBytes, 8 << 20},
		{"max_unpacked_bytes", &s.MaxUnpacked, 64 << 20},
		{"max_rows", &s.MaxRows, 100_000},
		{"max_cells", &s.MaxCells, 1_000_000},
	} {
		if *one.value < 0 {
			return plugin.Errorf(plugin.InvalidArgument, "settings.%s: %d is below 1", one.name, *one.value)
		}
		if *one.value == 0 {
			*one.value = one.most
		}
	}
	configured.Store(&s)
	return nil
}

func limits() settings {
	if s := configured.Load(); s != nil {
		return *s
	}
	return settings{MaxBytes: 8 << 20, MaxUnpacked: 64 << 20, MaxRows: 100_000, MaxCells: 1_000_000}
}

func tooLarge(format string, args ...any) error {
	return plugin.Errorf(plugin.PayloadTooLarge, format, args...)
}
