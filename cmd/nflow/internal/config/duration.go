package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

// assignDuration takes "1m30s" and, when the key has a unit, a whole number.
func assignDuration(dst reflect.Value, f field, raw any) string {
	unit, text := unitOf(f), ""
	switch v := raw.(type) {
	case string:
		text = v
	case plain:
		text = string(v)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && unit > 0 {
			return assignCount(dst, n, unit)
		}
	case int64:
		if unit == 0 {
			return `must be a duration in quotes with its unit, such as "10s"`
		}
		return assignCount(dst, v, unit)
	default:
		return "must be " + durationShape(f) + ", not " + kindOf(raw)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return "must be " + durationShape(f) + instead(f, text)
	}
	dst.SetInt(int64(d))
	return ""
}

func assignCount(dst reflect.Value, n int64, unit time.Duration) string {
	if n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
		return "is too large"
	}
	dst.SetInt(n * int64(unit))
	return ""
}

func unitOf(f field) time.Duration {
	switch f.tags.Get("unit") {
	case "milliseconds":
		return time.Millisecond
	case "seconds":
		return time.Second
	case "minutes":
		return time.Minute
	}
	return 0
}

func durationShape(f field) string {
	if unit := f.tags.Get("unit"); unit != "" {
		return fmt.Sprintf(`a whole number of %s, or a duration such as "90s"`, unit)
	}
	return `a duration such as "10s" or "1m30s"`
}
