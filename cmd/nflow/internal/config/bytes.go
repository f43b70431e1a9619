package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// Bytes is a size.
type Bytes int

// String is the size in the largest unit that shows it exactly.
func (b Bytes) String() string {
	for _, u := range byteUnits() {
		if b != 0 && int64(b)%u.bytes == 0 {
			return fmt.Sprintf("%d%s", int64(b)/u.bytes, u.name)
		}
	}
	return strconv.Itoa(int(b))
}

type byteUnit struct {
	name  string
	bytes int64
}

func byteUnits() []byteUnit {
	return []byteUnit{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}
}

// assignBytes takes a number of bytes, or a text with a unit such as "8MiB".
func assignBytes(dst reflect.Value, f field, raw any) string {
	const shape = `must be a number of bytes, or a size such as "64KiB" or "8MiB"`
	text := ""
	switch v := raw.(type) {
	case int64:
		dst.SetInt(v)
		return ""
	case string:
		text = v
	case plain:
		text = string(v)
	default:
		return shape + ", not " + kindOf(raw)
	}
	unit := int64(1)
	number := strings.TrimSpace(text)
	for _, u := range byteUnits() {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return shape + instead(f, text)
	}
	if n > math.MaxInt64/unit || n < math.MinInt64/unit {
		return "is too large"
	}
	dst.SetInt(n * unit)
	return ""
}
