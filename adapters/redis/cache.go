package redis

import (
	"bytes"
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Cached implements ports.Cache.
func (c *Client) Cached(ctx context.Context, key string) (content []byte, found bool, err error) {
	content, err = do(ctx, c, operation{name: "read the copy"}, func(ctx context.Context) ([]byte, error) {
		content, err := c.rdb.Get(ctx, c.key("cache", key)).Bytes()
		if err == redis.Nil { //nolint:errorlint // sentinels wrap it when they know no master
			return nil, nil
		}
		if content == nil && err == nil {
			content = []byte{}
		}
		return content, err
	})
	return content, content != nil, err
}

// PutCached implements ports.Cache.
func (c *Client) PutCached(ctx context.Context, key string, content []byte, keep time.Duration) error {
	content = bytes.Clone(content) // the call may outlive the caller
	_, err := do(ctx, c, operation{name: "keep a copy"}, func(ctx context.Context) (string, error) {
		return c.rdb.Set(ctx, c.key("cache", key), content, roundUp(keep)).Result()
	})
	return err
}

// DropCached implements ports.Cache.
func (c *Client) DropCached(ctx context.Context, key string) error {
	_, err := do(ctx, c, operation{name: "drop the copy"}, func(ctx context.Context) (int64, error) {
		return c.rdb.Del(ctx, c.key("cache", key)).Result()
	})
	return err
}

// roundUp is a time in whole milliseconds, at least one.
func roundUp(d time.Duration) time.Duration {
	return max(time.Millisecond, (d + time.Millisecond - 1).Truncate(time.Millisecond))
}
