package redis

import (
	"context"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// SetFields implements ports.Hashes. No fields make no hash.
func (c *Client) SetFields(ctx context.Context, key string, fields map[string]string) error {
	pairs := make([]any, 0, 2*len(fields)) // a copy, as the call may outlive the caller
	for name, value := range fields {
		pairs = append(pairs, name, value)
	}
	_, err := do(ctx, c, operation{name: "set fields of the hash"}, func(ctx context.Context) (int64, error) {
		if len(pairs) == 0 {
			return 0, nil
		}
		return c.rdb.HSet(ctx, c.key("hash", key), pairs...).Result()
	})
	return err
}

// Field implements ports.Hashes.
func (c *Client) Field(ctx context.Context, key, field string) (string, error) {
	values, err := do(ctx, c, operation{name: "read the hash"}, func(ctx context.Context) ([]any, error) {
		return c.rdb.HMGet(ctx, c.key("hash", key), field).Result()
	})
	if err != nil {
		return "", err
	}
	if len(values) == 1 {
		if value, ok := values[0].(string); ok {
			return value, nil
		}
	}
	return "", fault.New(fault.NotFound, "the hash %q has no field %q", key, field)
}

// DeleteFields implements ports.Hashes. It is not repeated when the answer is
// lost: the count would be wrong.
func (c *Client) DeleteFields(ctx context.Context, key string, fields []string) (int, error) {
	fields = slices.Clone(fields)
	n, err := do(ctx, c, operation{name: "delete fields of the hash", once: true}, func(ctx context.Context) (int64, error) {
		if len(fields) == 0 {
			return 0, nil
		}
		args := []any{"hdel", c.key("hash", key)}
		for _, field := range fields {
			args = append(args, field)
		}
		return c.countOnce(ctx, args...)
	})
	return int(n), err
}

// ExpireHash implements ports.Hashes.
func (c *Client) ExpireHash(ctx context.Context, key string, after time.Duration) (bool, error) {
	o := operation{name: "end the hash", once: after <= 0}
	n, err := do(ctx, c, o, func(ctx context.Context) (int64, error) {
		if after <= 0 {
			return c.countOnce(ctx, "del", c.key("hash", key))
		}
		return c.countOnce(ctx, "pexpire", c.key("hash", key), roundUp(after).Milliseconds())
	})
	return n == 1, err
}

// countOnce runs a command that answers with a number, and is not sent twice by
// go-redis itself.
func (c *Client) countOnce(ctx context.Context, args ...any) (int64, error) {
	cmd := redis.NewIntCmd(ctx, args...)
	_ = c.rdb.Process(ctx, once{cmd})
	return cmd.Result()
}
