package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// RunRates runs the suite of rate limiters. open returns one without buckets,
// which goes by the clock it is given.
func RunRates(t *testing.T, open func(t *testing.T, now func() time.Time) ports.RateLimiter) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, limiter ports.RateLimiter, clock *clock)
	}{
		{"no rate lets everything through", noRate},
		{"a bucket empties and fills", emptyAndFill},
		{"of 1000 at once exactly as many pass as it holds", exactlySize},
		{"retry after is honest", honestRetry},
		{"a burst", burst},
		{"buckets are apart", apartBuckets},
		{"another rate counts on", otherRate},
		{"the clock goes back", clockBack},
		{"as the policy says, whatever the rate and the times", differential},
		{"an ended context", endedTake},
	} {
		t.Run(test.name, func(t *testing.T) {
			clock := &clock{}
			clock.set(noon())
			test.run(t, open(t, clock.now), clock)
		})
	}
}

// clock shows the time it was set to.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time        { return time.UnixMicro(c.micros.Load()) }
func (c *clock) set(t time.Time)       { c.micros.Store(t.UnixMicro()) }
func (c *clock) move(by time.Duration) { c.micros.Add(by.Microseconds()) }

func take(t *testing.T, limiter ports.RateLimiter, bucket string, rate policy.Rate) policy.Allowance {
	t.Helper()
	a, err := limiter.Take(ctx(t), bucket, rate)
	must(t, err)
	return a
}

func noRate(t *testing.T, limiter ports.RateLimiter, _ *clock) {
	for _, rate := range []policy.Rate{{}, {Burst: 1}, {Requests: 1}, {Window: time.Second}} {
		for range 3 {
			same(t, rate.String(), take(t, limiter, "a", rate), policy.Allowance{Allowed: true})
		}
	}
}

func emptyAndFill(t *testing.T, limiter ports.RateLimiter, clock *clock) {
	rate := policy.Rate{Requests: 4, Window: time.Second}
	const token = 250 * time.Millisecond
	for i := range 4 {
		same(t, "request", take(t, limiter, "a", rate), policy.Allowance{
			Allowed: true, Limit: 4, Remaining: 3 - i, Full: time.Duration(i+1) * token,
		})
	}
	for range 3 {
		same(t, "one too many", take(t, limiter, "a", rate), policy.Allowance{Limit: 4, Full: time.Second, RetryAfter: token})
	}
	clock.move(2 * token)
	for _, want := range []bool{true, true, false} {
		same(t, "after half a second", take(t, limiter, "a", rate).Allowed, want)
	}
	clock.move(24 * time.Hour)
	for i := range 5 {
		same(t, "after a day", take(t, limiter, "a", rate).Allowed, i < 4)
	}
}

func exactlySize(t *testing.T, limiter ports.RateLimiter, clock *clock) {
	const size, requests, workers = 37, 1000, 50
	rate := policy.Rate{Requests: 10, Window: time.Minute, Burst: size}
	c := ctx(t)
	flood := func() (passed int64) {
		var wg sync.WaitGroup
		var n atomic.Int64
		for range workers {
			wg.Go(func() {
				for range requests / workers {
					a, err := limiter.Take(c, "a", rate)
					if err != nil {
						t.Errorf("take: %v", err)
						return
					}
					if a.Allowed {
						n.Add(1)
					}
				}
			})
		}
		wg.Wait()
		return n.Load()
	}
	same(t, "passed", flood(), int64(size))
	clock.move(18 * time.Second)
	same(t, "passed 18 seconds later", flood(), int64(3))
}

func honestRetry(t *testing.T, limiter ports.RateLimiter, clock *clock) {
	rates := []policy.Rate{
		{Requests: 7, Window: time.Second}, {Requests: 1, Window: time.Hour}, {Requests: 3, Window: time.Second, Burst: 1},
		{Requests: 1000, Window: time.Minute, Burst: 2},
	}
	for i, rate := range rates {
		bucket := fmt.Sprint(i)
		for range rate.Size() {
			take(t, limiter, bucket, rate)
			clock.move(time.Microsecond)
		}
		refused := take(t, limiter, bucket, rate)
		if refused.Allowed || refused.RetryAfter <= 0 {
			t.Fatalf("%s: %+v, want a refusal", rate, refused)
		}
		clock.move(refused.RetryAfter - time.Microsecond)
		same(t, rate.String()+", too early", take(t, limiter, bucket, rate).Allowed, false)
		clock.move(time.Microsecond)
		same(t, rate.String()+", in time", take(t, limiter, bucket, rate).Allowed, true)
		same(t, rate.String()+", the next", take(t, limiter, bucket, rate).Allowed, false)
	}
}

func burst(t *testing.T, limiter ports.RateLimiter, clock *clock) {
	rate := policy.Rate{Requests: 60, Window: time.Minute, Burst: 3}
	for i := range 4 {
		a := take(t, limiter, "a", rate)
		same(t, "allowed", a.Allowed, i < 3)
		same(t, "limit", a.Limit, 60)
	}
	clock.move(time.Hour)
	for i := range 4 {
		same(t, "an hour later", take(t, limiter, "a", rate).Allowed, i < 3)
	}
}

func apartBuckets(t *testing.T, limiter ports.RateLimiter, _ *clock) {
	rate := policy.Rate{Requests: 1, Window: time.Hour}
	names := []string{"", "a", "A", "a ", "á", "a\u0301", odd(), "ip:2001:db8::/64", "{a}", "{a}b", "*", "a\x00", "\xff", strings.Repeat("x", 4096)}
	for _, bucket := range names {
		same(t, "first of "+bucket, take(t, limiter, bucket, rate).Allowed, true)
	}
	for _, bucket := range names {
		same(t, "second of "+bucket, take(t, limiter, bucket, rate).Allowed, false)
	}
}

func otherRate(t *testing.T, limiter ports.RateLimiter, clock *clock) {
	slow, fast := policy.Rate{Requests: 10, Window: 10 * time.Second}, policy.Rate{Requests: 100, Window: 10 * time.Second}
	for range 10 {
		take(t, limiter, "a", slow)
	}
	same(t, "empty", take(t, limiter, "a", slow).Allowed, false)
	// Full in 10 seconds, so with the other rate it lacks all of its 100 tokens.
	same(t, "empty with another rate, too", take(t, limiter, "a", fast).Allowed, false)
	clock.move(time.Second)
	same(t, "tokens with the other rate", take(t, limiter, "a", fast).Remaining, 9)
	small := policy.Rate{Requests: 1, Window: time.Second}
	a := take(t, limiter, "a", small)
	same(t, "emptier than a small bucket can be", a, policy.Allowance{Limit: 1, Full: time.Second, RetryAfter: time.Second})
	clock.move(time.Second)
	same(t, "a small bucket fills in its own time", take(t, limiter, "a", small).Allowed, true)
}

func clockBack(t *testing.T, limiter ports.RateLimiter, clock *clock) {
	rate := policy.Rate{Requests: 5, Window: 5 * time.Second}
	for range 5 {
		take(t, limiter, "a", rate)
	}
	clock.move(-time.Hour)
	same(t, "nothing came back", take(t, limiter, "a", rate), policy.Allowance{Limit: 5, Full: 5 * time.Second, RetryAfter: time.Second})
	clock.move(2 * time.Second)
	for _, want := range []bool{true, true, false} {
		same(t, "two seconds by the new time", take(t, limiter, "a", rate).Allowed, want)
	}
	clock.move(time.Hour)
	same(t, "forward again", take(t, limiter, "a", rate).Remaining, 4)
}

// differential draws rates and moments and compares with policy.Rate.Take.
func differential(t *testing.T, limiter ports.RateLimiter, clock *clock) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	spread := func(most int64) int64 { return random.Int64N(1 + most>>random.IntN(40)) } // small numbers are likely
	full := map[string]int64{}
	for i := range 400 {
		rate := policy.Rate{
			Requests: 1 + int(spread(1<<40)), Window: time.Duration(1 + spread(int64(1000*time.Hour))), Burst: int(spread(1 << 50)),
		}
		bucket := fmt.Sprint(random.IntN(3))
		for range 1 + random.IntN(5) {
			clock.move(time.Duration(spread(int64(100*time.Hour)) - spread(int64(time.Minute))))
			var want policy.Allowance
			before := full[bucket]
			full[bucket], want = rate.Take(before, clock.now().UnixMicro())
			if got := take(t, limiter, bucket, rate); got != want {
				t.Fatalf("round %d: bucket full at %d, now %d, %+v:\n got %+v\nwant %+v", i, before, clock.now().UnixMicro(), rate, got, want)
			}
		}
	}
}

func endedTake(t *testing.T, limiter ports.RateLimiter, _ *clock) {
	rate := policy.Rate{Requests: 1, Window: time.Hour}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := limiter.Take(cancelled, "a", rate)
	fails(t, "cancelled", err, fault.Cancelled)
	same(t, "a cancelled request takes nothing", take(t, limiter, "a", rate).Allowed, true)
}
