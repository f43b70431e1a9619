package policy

import (
	"strconv"
	"time"
)

// Rate says how many requests a bucket lets through: it holds Size tokens at
// most, begins full, and Requests come back evenly over each Window. A zero Rate
// lets everything through.
type Rate struct {
	Requests int
	Window   time.Duration
	Burst    int // size of the bucket; 0 = Requests
}

// Allowance is the answer of a bucket to one request.
type Allowance struct {
	Allowed    bool
	Limit      int           // requests in a window
	Remaining  int           // tokens left
	Full       time.Duration // until the bucket is full again
	RetryAfter time.Duration // until the next request can pass; 0 when this one did
}

// Unlimited reports whether the rate lets everything through.
func (r Rate) Unlimited() bool { return r.Requests <= 0 || r.Window <= 0 }

// Size is the number of requests that may come at once.
func (r Rate) Size() int {
	if r.Burst > 0 {
		return r.Burst
	}
	return r.Requests
}

// Interval is the time in which one token comes back, in microseconds, rounded
// up: never more pass than the rate says.
func (r Rate) Interval() int64 {
	n := int64(r.Requests)
	return min(mostMicros, max(1, (r.Window.Microseconds()+n-1)/n))
}

// mostMicros is a span of 142 years. Moments that are no further away are exact
// as 64 bit floating point numbers, too, which is how Redis counts.
const mostMicros = 1 << 52

// Capacity is the time in which an empty bucket fills, in microseconds. A bucket
// that would take longer than 142 years is smaller than Size.
func (r Rate) Capacity() int64 {
	interval := r.Interval()
	return min(int64(r.Size()), mostMicros/interval) * interval
}

// Take asks a bucket for one token. full is the moment, in Unix microseconds, at
// which the bucket is full again, 0 for a bucket that nobody used; it is all a
// bucket has to remember (the generic cell rate algorithm). A refused request
// takes nothing. No bucket is emptier than empty, so a clock that is set back, or
// a smaller rate, keeps nobody out for longer than it takes to fill. The rate must
// not be Unlimited.
func (r Rate) Take(full, now int64) (next int64, a Allowance) {
	interval, capacity := r.Interval(), r.Capacity()
	full = min(full, now+capacity)
	next = max(full, now) + interval
	a.Limit = r.Requests
	if over := next - now - capacity; over > 0 {
		a.Full, a.RetryAfter = micros(max(full-now, 0)), micros(over)
		return full, a
	}
	a.Allowed = true
	a.Remaining = int((capacity - (next - now)) / interval)
	a.Full = micros(next - now)
	return next, a
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// Seconds is a duration in whole seconds, rounded up, as headers carry it.
func Seconds(d time.Duration) int {
	return int((d + time.Second - 1) / time.Second)
}

// String is such as "100 requests in 1m0s".
func (r Rate) String() string {
	return strconv.Itoa(r.Requests) + " requests in " + r.Window.String()
}
