package memory

import (
	"context"
	"hash/maphash"
	"math"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const (
	limiterShards = 64
	// mostBuckets bounds the memory of a limiter to roughly 70 MB with names of
	// usual length. One client is one bucket, so that is a million clients at once.
	mostBuckets = 1 << 20
	// sampled buckets are compared when one must go.
	sampled = 8
)

// Limiter implements ports.RateLimiter for one process. It remembers a moment for
// each bucket that is not full; Sweep forgets those that are full by now.
//
// It holds 1,048,576 buckets at most. When so many clients are in debt at the
// same moment, the bucket that is nearest to full of a few makes room for a new
// one: its client starts with a full bucket again. So a flood of addresses loosens
// the limit for a few clients instead of taking the memory, or shutting out who
// comes next.
type Limiter struct {
	now    func() time.Time
	seed   maphash.Seed
	shards [limiterShards]limiterShard
}

type limiterShard struct {
	mu   sync.Mutex
	full map[string]int64 // when each bucket is full again, Unix microseconds
	peak int              // most buckets since the map was made
	most int
}

var _ ports.RateLimiter = (*Limiter)(nil)

// NewLimiter returns a limiter whose buckets are all full. now is the clock, such
// as time.Now.
func NewLimiter(now func() time.Time) *Limiter {
	l := &Limiter{now: now, seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].most = mostBuckets / limiterShards
		l.shards[i].full = make(map[string]int64)
	}
	return l
}

// Take implements ports.RateLimiter.
func (l *Limiter) Take(ctx context.Context, bucket string, rate policy.Rate) (policy.Allowance, error) {
	if err := alive(ctx, "count the request"); err != nil {
		return policy.Allowance{}, err
	}
	if rate.Unlimited() {
		return policy.Allowance{Allowed: true}, nil
	}
	s := &l.shards[maphash.String(l.seed, bucket)%limiterShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	// The clock is read under the lock, so that the moments of a bucket are in order.
	now := l.now().UnixMicro()
	full, known := s.full[bucket]
	next, allowance := rate.Take(full, now)
	if !known && len(s.full) >= s.most {
		s.makeRoom(now)
	}
	s.full[bucket] = next
	s.peak = max(s.peak, len(s.full))
	return allowance, nil
}

// Sweep forgets the buckets that are full, which is what a new one is, too. The
// memory they took is given back. It takes a millisecond for some ten thousand
// buckets, and holds up no request for longer than a sixty-fourth of that.
func (l *Limiter) Sweep() {
	for i := range l.shards {
		l.shards[i].sweep(l.now().UnixMicro())
	}
}

func (s *limiterShard) sweep(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for bucket, full := range s.full {
		if full <= now {
			delete(s.full, bucket)
		}
	}
	// A map never shrinks by itself.
	if s.peak > 64 && len(s.full) < s.peak/4 {
		smaller := make(map[string]int64, len(s.full))
		for bucket, full := range s.full {
			smaller[bucket] = full
		}
		s.full, s.peak = smaller, len(smaller)
	}
}

// makeRoom forgets the bucket that is nearest to full, of a few that the map
// gives first; it gives them in random order.
func (s *limiterShard) makeRoom(now int64) {
	victim, least := "", int64(math.MaxInt64)
	seen := 0
	for bucket, full := range s.full {
		if full < least {
			victim, least = bucket, full
		}
		if seen++; seen == sampled || least <= now {
			break
		}
	}
	delete(s.full, victim)
}
