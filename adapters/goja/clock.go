package goja

import (
	"time"

	js "github.com/dop251/goja"
)

// clockNatives are time_now_unix and its like: whole numbers, in the time zone
// of the configured clock.
func clockNatives() map[string]native {
	parts := map[string]func(time.Time) int64{
		"time_now_unix":      time.Time.Unix,
		"time_now_unix_nano": time.Time.UnixNano,
		"time_now_day":       func(t time.Time) int64 { return int64(t.Day()) },
		"time_now_month":     func(t time.Time) int64 { return int64(t.Month()) },
		"time_now_year":      func(t time.Time) int64 { return int64(t.Year()) },
		"time_now_hour":      func(t time.Time) int64 { return int64(t.Hour()) },
		"time_now_minute":    func(t time.Time) int64 { return int64(t.Minute()) },
		"time_now_second":    func(t time.Time) int64 { return int64(t.Second()) },
		"time_now_weekday":   func(t time.Time) int64 { return int64(t.Weekday()) }, // 0 = Sunday
	}
	table := functions{}
	for name, part := range parts {
		table[name] = func(r *run, _ js.FunctionCall) js.Value { return r.vm.ToValue(part(r.engine.now())) }
	}
	return table.natives()
}
