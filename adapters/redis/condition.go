package redis

import (
	"context"
	"strconv"
	"strings"
)

// Condition is what a server says of itself; of a cluster, one of its servers.
type Condition struct {
	Version   string // such as "7.0.15"
	MaxMemory int64  // bytes; 0 = no limit
	Eviction  string // what it deletes when memory is full; "noeviction" = nothing, empty = it does not say
}

// Condition asks the server. Code unavailable.
func (c *Client) Condition(ctx context.Context) (Condition, error) {
	text, err := do(ctx, c, operation{name: "ask the server how it is"}, func(ctx context.Context) (string, error) {
		return c.rdb.Info(ctx).Result()
	})
	return parseInfo(text), err
}

// parseInfo reads lines such as "redis_version:7.0.15".
func parseInfo(text string) Condition {
	var c Condition
	for line := range strings.Lines(text) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name {
		case "redis_version":
			c.Version = value
		case "maxmemory":
			c.MaxMemory, _ = strconv.ParseInt(value, 10, 64) // 0 when it does not say
		case "maxmemory_policy":
			c.Eviction = value
		}
	}
	return c
}
