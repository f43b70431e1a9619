package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// Take implements ports.RateLimiter. A bucket is a key that is gone when the
// bucket is full. A call that fails may or may not have taken a token.
func (c *Client) Take(ctx context.Context, bucket string, rate policy.Rate) (policy.Allowance, error) {
	if rate.Unlimited() && ctx.Err() == nil {
		return policy.Allowance{Allowed: true}, nil
	}
	return do(ctx, c, operation{name: "count the request", once: true}, func(ctx context.Context) (policy.Allowance, error) {
		now, grace := any(""), time.Duration(0)
		if c.config.Now != nil {
			// A clock of our own may be behind the server's, by which keys expire.
			now, grace = c.config.Now().UnixMicro(), time.Minute
		}
		reply, err := c.eval(ctx, c.take, c.key("rate", bucket), rate.Interval(), rate.Capacity(), now, grace.Milliseconds())
		if err != nil {
			return policy.Allowance{}, err
		}
		full, at, err := decodeMoments(reply)
		if err != nil {
			return policy.Allowance{}, err
		}
		// The script has decided by the same rule on the same numbers.
		_, allowance := rate.Take(full, at)
		return allowance, nil
	})
}

func decodeMoments(reply any) (full, now int64, err error) {
	if items, ok := reply.([]any); ok && len(items) == 2 {
		full, okFull := items[0].(int64)
		now, okNow := items[1].(int64)
		if okFull && okNow {
			return full, now, nil
		}
	}
	return 0, 0, fault.Wrap(fmt.Errorf("%T", reply), fault.Internal, "cannot count the request: Redis gave an unexpected answer")
}
