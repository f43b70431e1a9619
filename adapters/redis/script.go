package redis

import (
	"context"
	_ "embed"

	"github.com/redis/go-redis/v9"
)

//go:embed take.lua
var takeLua string

//go:embed save.lua
var saveLua string

// script is what Redis runs as one step.
type script struct{ body, hash string }

func newScript(body string) script { return script{body, redis.NewScript(body).Hash()} }

// once is a command that go-redis must not send twice, as it does in clusters
// when a connection breaks.
type once struct{ redis.Cmder }

// NoRetry implements redis.Cmder.
func (once) NoRetry() bool { return true }

// eval runs a script on one key. A server that does not know the script has not
// run it, so it is sent again in full.
func (c *Client) eval(ctx context.Context, s script, key string, args ...any) (any, error) {
	run := func(command, body string) (any, error) {
		cmd := redis.NewCmd(ctx, append([]any{command, body, 1, key}, args...)...)
		cmd.SetFirstKeyPos(3)
		_ = c.rdb.Process(ctx, once{cmd})
		return cmd.Result()
	}
	result, err := run("evalsha", s.hash)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		return run("eval", s.body)
	}
	return result, err
}
