package sqlstore

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// storable says whether both engines can keep a text: PostgreSQL takes neither
// the zero byte nor broken UTF-8.
func storable(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

// anyUnstorable says whether a value is a text that cannot be in the database.
func anyUnstorable(values []any) bool {
	for _, v := range values {
		if s, ok := v.(string); ok && !storable(s) {
			return true
		}
	}
	return false
}

// checkText fails with code invalid on the first unstorable text; the list is
// field, text, field, text...
func checkText(op string, fieldsAndTexts ...string) error {
	for i := 0; i+1 < len(fieldsAndTexts); i += 2 {
		if !storable(fieldsAndTexts[i+1]) {
			return fault.New(fault.Invalid, "cannot %s: the text holds a zero byte or is not UTF-8", op).
				AtField(fieldsAndTexts[i])
		}
	}
	return nil
}

// clean makes a text storable; run records hold whatever scripts throw, and
// one odd message must not cost the others their record.
func clean(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// micros is how times are stored: Unix microseconds, 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
