package ports

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// RateLimiter keeps buckets of tokens, exactly: of any number of requests at the
// same moment, as many pass as the bucket holds.
type RateLimiter interface {
	// Take asks a bucket for one token; a refusal is no error. A bucket that was
	// used with another rate before counts on from there. Code unavailable when the
	// buckets cannot be reached.
	Take(ctx context.Context, bucket string, rate policy.Rate) (policy.Allowance, error)
}

// Doorkeeper bounds how often a client may call, whatever it calls.
type Doorkeeper interface {
	// Admit counts a request of a client, its IP address, for a path. The allowance
	// is zero when the request is not limited. Code limit_exceeded with RetryAfter
	// when there were too many; unavailable when nobody can tell.
	Admit(ctx context.Context, client, path string) (policy.Allowance, error)
}
