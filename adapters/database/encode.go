package database

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// kind is what a column's type adds to what the driver's value says.
type kind byte

const (
	plain   kind = iota
	decimal      // exact numbers, which the driver gives as text
	document
	date
	timeOfDay
	zonedTime
)

func kindOf(databaseType string) kind {
	switch strings.ToUpper(databaseType) {
	case "NUMERIC", "DECIMAL":
		return decimal
	case "JSON", "JSONB":
		return document
	case "DATE":
		return date
	case "TIME":
		return timeOfDay
	case "TIMETZ":
		return zonedTime
	default:
		return plain
	}
}

// appendValue writes a database value as JSON.
//
//   - Whole numbers are written as they are, also beyond 2^53, where JavaScript
//     would round them.
//   - numeric and decimal are numbers as long as a 64-bit float keeps all their
//     digits, that is up to 15, and strings otherwise.
//   - Text and bytes are a string when they are UTF-8, else base64.
//   - Timestamps are RFC 3339; dates 2006-01-02; times of day 15:04:05.
//   - json and jsonb are embedded.
func appendValue(b []byte, k kind, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendFloat(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case time.Time:
		return appendTime(b, k, v)
	case []byte:
		return appendText(b, k, v)
	case string:
		return appendText(b, k, []byte(v))
	default: // the drivers give no others
		return append(b, "null"...)
	}
}

// appendFloat writes what JavaScript would; JSON has no word for infinities and
// for what is not a number, so they are strings.
func appendFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(append(append(b, '"'), strconv.FormatFloat(f, 'g', -1, 64)...), '"')
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

func appendTime(b []byte, k kind, t time.Time) []byte {
	layout := time.RFC3339Nano
	switch k {
	case date:
		layout = time.DateOnly
	case timeOfDay:
		layout = "15:04:05.999999999"
	case zonedTime:
		layout = "15:04:05.999999999Z07:00"
	case plain, decimal, document:
	}
	b = append(b, '"')
	b = t.AppendFormat(b, layout)
	return append(b, '"')
}

func appendText(b []byte, k kind, text []byte) []byte {
	switch {
	case k == decimal && isShortDecimal(string(text)):
		return append(b, text...)
	case k == document:
		if v, err := payload.Parse(append([]byte(nil), text...)); err == nil {
			return append(b, v.Bytes()...)
		}
	}
	if utf8.Valid(text) {
		return append(b, payload.Text(string(text)).Bytes()...)
	}
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, text)
	return append(b, '"')
}

// isShortDecimal reports whether s is a JSON number of at most 15 significant
// digits without an exponent.
func isShortDecimal(s string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if !isDigits(whole) || (point && !isDigits(fraction)) || (len(whole) > 1 && whole[0] == '0') {
		return false
	}
	significant := strings.Trim(whole+fraction, "0")
	return len(significant) <= 15 && len(whole) <= 300
}

func isDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}
