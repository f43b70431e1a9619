package memory_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/storetest"
)

func TestLimiter(t *testing.T) {
	storetest.RunRates(t, func(_ *testing.T, now func() time.Time) ports.RateLimiter { return memory.NewLimiter(now) })
}

func TestSweepForgetsFullBuckets(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	limiter := memory.NewLimiter(func() time.Time { return now })
	rate := policy.Rate{Requests: 2, Window: 2 * time.Second}
	take := func(bucket string) policy.Allowance {
		t.Helper()
		a, err := limiter.Take(t.Context(), bucket, rate)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for i := range 1000 {
		take(fmt.Sprint(i))
	}
	take("0")
	limiter.Sweep()
	if n := limiter.Buckets(); n != 1000 {
		t.Fatalf("%d buckets, none is full yet", n)
	}
	now = now.Add(time.Second)
	limiter.Sweep()
	if n := limiter.Buckets(); n != 1 {
		t.Fatalf("%d buckets, only one is not full", n)
	}
	if a := take("0"); !a.Allowed || a.Remaining != 0 {
		t.Errorf("the bucket was forgotten: %+v", a)
	}
	now = now.Add(time.Hour)
	limiter.Sweep()
	if n := limiter.Buckets(); n != 0 {
		t.Errorf("%d buckets, all are full", n)
	}
}

// TestMillionAddresses comes with more clients than a limiter remembers. All are
// let in, who is far in debt is not forgotten for them, and memory is bounded.
func TestMillionAddresses(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	limiter := memory.NewLimiter(func() time.Time { return now })
	rate := policy.Rate{Requests: 1000, Window: time.Hour}
	debtor := policy.Rate{Requests: 100, Window: time.Hour}
	for range 100 {
		_, _ = limiter.Take(t.Context(), "debtor", debtor)
	}
	before := heap()
	const clients = 1<<20 + 1<<18
	for i := range clients {
		a, err := limiter.Take(t.Context(), fmt.Sprintf("ip:10.%d.%d.%d", i>>16, i>>8&255, i&255), rate)
		if err != nil || !a.Allowed {
			t.Fatalf("client %d is kept out: %+v, %v", i, a, err)
		}
	}
	if a, _ := limiter.Take(t.Context(), "debtor", debtor); a.Allowed {
		t.Error("a flood of others gave an empty bucket its tokens back")
	}
	if n := limiter.Buckets(); n > 1<<20 || n < 1<<20*9/10 {
		t.Errorf("%d buckets after %d clients", n, clients)
	}
	used := heap() - before
	t.Logf("%d buckets take %d MB", limiter.Buckets(), used>>20)
	if used > 256<<20 {
		t.Errorf("%d MB for a million buckets", used>>20)
	}
	now = now.Add(2 * time.Hour)
	limiter.Sweep()
	if left := heap() - before; left > 4<<20 {
		t.Errorf("%d MB are still taken after the sweep", left>>20)
	}
	runtime.KeepAlive(limiter)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkTake(b *testing.B) {
	limiter := memory.NewLimiter(time.Now)
	rate := policy.Rate{Requests: 1000, Window: time.Second}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, _ = limiter.Take(b.Context(), "ip:203.0.113.9", rate)
		}
	})
}
