package policy_test

import (
	"math"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// start is a moment in Unix microseconds.
const start = int64(1_800_000_000_000_000)

func TestTake(t *testing.T) {
	perSecond := policy.Rate{Requests: 10, Window: time.Second}
	burst := policy.Rate{Requests: 10, Window: time.Second, Burst: 3}
	single := policy.Rate{Requests: 10, Window: time.Second, Burst: 1}
	tests := []struct {
		name string
		rate policy.Rate
		full int64 // relative to now
		want policy.Allowance
		next int64 // relative to now
	}{
		{"nobody used it", perSecond, -start,
			policy.Allowance{Allowed: true, Limit: 10, Remaining: 9, Full: 100 * time.Millisecond}, 100_000},
		{"full long ago", perSecond, -1,
			policy.Allowance{Allowed: true, Limit: 10, Remaining: 9, Full: 100 * time.Millisecond}, 100_000},
		{"a part of a token is none", perSecond, 100_001,
			policy.Allowance{Allowed: true, Limit: 10, Remaining: 7, Full: 200_001 * time.Microsecond}, 200_001},
		{"the last token", perSecond, 900_000,
			policy.Allowance{Allowed: true, Limit: 10, Full: time.Second}, 1_000_000},
		{"a microsecond early", perSecond, 900_001,
			policy.Allowance{Limit: 10, Full: 900_001 * time.Microsecond, RetryAfter: time.Microsecond}, 900_001},
		{"empty", perSecond, 1_000_000,
			policy.Allowance{Limit: 10, Full: time.Second, RetryAfter: 100 * time.Millisecond}, 1_000_000},
		{"emptier than empty", perSecond, 3_600_000_000,
			policy.Allowance{Limit: 10, Full: time.Second, RetryAfter: 100 * time.Millisecond}, 1_000_000},
		{"small burst", burst, -1,
			policy.Allowance{Allowed: true, Limit: 10, Remaining: 2, Full: 100 * time.Millisecond}, 100_000},
		{"burst of one", single, -1,
			policy.Allowance{Allowed: true, Limit: 10, Full: 100 * time.Millisecond}, 100_000},
		{"burst of one, used", single, 100_000,
			policy.Allowance{Limit: 10, Full: 100 * time.Millisecond, RetryAfter: 100 * time.Millisecond}, 100_000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			next, got := tt.rate.Take(start+tt.full, start)
			if got != tt.want || next != start+tt.next {
				t.Errorf("got %+v, full in %d µs; want %+v, %d µs", got, next-start, tt.want, tt.next)
			}
		})
	}
}

func TestUnlimited(t *testing.T) {
	for _, tt := range []struct {
		name string
		rate policy.Rate
		want bool
	}{
		{"zero", policy.Rate{}, true},
		{"no window", policy.Rate{Requests: 1}, true},
		{"no requests", policy.Rate{Window: time.Second, Burst: 5}, true},
		{"negative", policy.Rate{Requests: -1, Window: time.Second}, true},
		{"one", policy.Rate{Requests: 1, Window: time.Nanosecond}, false},
	} {
		if got := tt.rate.Unlimited(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestExtremeRates(t *testing.T) {
	huge := []policy.Rate{
		{Requests: math.MaxInt, Window: math.MaxInt64},
		{Requests: 1, Window: math.MaxInt64, Burst: math.MaxInt},
		{Requests: math.MaxInt, Window: time.Nanosecond},
		{Requests: 1, Window: time.Hour, Burst: math.MaxInt},
	}
	for _, rate := range huge {
		if i, c := rate.Interval(), rate.Capacity(); i < 1 || c < i || c > 1<<52 {
			t.Errorf("%+v: interval %d µs, capacity %d µs", rate, i, c)
		}
		full, a := rate.Take(0, start)
		if !a.Allowed || a.Remaining < 0 || a.Full <= 0 {
			t.Errorf("%+v: %+v", rate, a)
		}
		if exact := int64(float64(full)); exact != full {
			t.Errorf("%+v: %d is not exact as a floating point number", rate, full)
		}
	}
}

func TestClockGoesBack(t *testing.T) {
	rate := policy.Rate{Requests: 60, Window: time.Minute, Burst: 5}
	full := int64(0)
	for range 5 {
		full, _ = rate.Take(full, start)
	}
	earlier := start - time.Hour.Microseconds()
	full, a := rate.Take(full, earlier)
	if a.Allowed || a.RetryAfter != time.Second {
		t.Fatalf("got %+v, want to wait for one token", a)
	}
	if _, a = rate.Take(full, earlier+a.RetryAfter.Microseconds()); !a.Allowed {
		t.Fatalf("the time it asked for is over: %+v", a)
	}
}

// FuzzTake plays a client that comes whenever the script says. It never passes
// more often than the bucket holds plus what came back meanwhile.
func FuzzTake(f *testing.F) {
	f.Add(10, int64(time.Second), 0, []byte{0, 0, 0, 255, 1, 0, 200})
	f.Add(1, int64(time.Hour), 3, []byte{0, 0, 0, 0, 9})
	f.Add(1000, int64(time.Millisecond), 1, []byte{1, 2, 3})
	f.Add(7, int64(time.Second), 9, []byte{255, 255, 0, 255})
	f.Fuzz(func(t *testing.T, requests int, window int64, burst int, waits []byte) {
		rate := policy.Rate{Requests: requests, Window: time.Duration(window), Burst: burst}
		if rate.Unlimited() {
			t.Skip()
		}
		interval, size := rate.Interval(), rate.Capacity()/rate.Interval()
		var full, passed int64
		now := start
		for _, wait := range waits {
			// Steps of a part of the interval, up to four of them; never 142 years.
			now += min(interval*int64(wait)/64, 1<<40)
			next, a := rate.Take(full, now)
			if a.Allowed {
				passed++
			}
			checkTake(t, rate, full, next, now, a)
			full = next
			if most := size + (now-start)/interval; passed > most {
				t.Fatalf("%d passed in %d µs, at most %d may: %+v", passed, now-start, most, rate)
			}
		}
	})
}

// checkTake holds an answer against what it promises.
func checkTake(t *testing.T, rate policy.Rate, full, next, now int64, a policy.Allowance) {
	t.Helper()
	switch {
	case a.Limit != rate.Requests, a.Remaining < 0, int64(a.Remaining)*rate.Interval() > rate.Capacity(),
		a.Full < 0, a.Full.Microseconds() > rate.Capacity():
		t.Fatalf("%+v says %+v", rate, a)
	case a.Allowed:
		if a.RetryAfter != 0 || next-now != a.Full.Microseconds() {
			t.Fatalf("%+v says %+v, and is full in %d µs", rate, a, next-now)
		}
		return
	case a.RetryAfter <= 0 || next > full:
		t.Fatalf("%+v refuses with %+v, full %d then %d", rate, a, full, next)
	}
	wait := a.RetryAfter.Microseconds()
	if _, early := rate.Take(next, now+wait-1); early.Allowed {
		t.Fatalf("%+v lets one in before the %d µs it asked for", rate, wait)
	}
	then, one := rate.Take(next, now+wait)
	if !one.Allowed {
		t.Fatalf("%+v lets none in after the %d µs it asked for", rate, wait)
	}
	if _, second := rate.Take(then, now+wait); second.Allowed {
		t.Fatalf("%+v lets two in after the %d µs it asked for", rate, wait)
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]int{0: 0, 1: 1, time.Second: 1, time.Second + 1: 2, time.Minute: 60} {
		if got := policy.Seconds(d); got != want {
			t.Errorf("%s is %d seconds, want %d", d, got, want)
		}
	}
}

func TestRateReads(t *testing.T) {
	if got := (policy.Rate{Requests: 100, Window: time.Minute}).String(); got != "100 requests in 1m0s" {
		t.Error(got)
	}
}
