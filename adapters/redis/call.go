package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

const (
	firstPause   = 8 * time.Millisecond // before the second try; then twice as long each
	longestPause = 250 * time.Millisecond
)

// operation is what a call is for.
type operation struct {
	name string // completes "cannot ..."
	once bool   // doing it twice is worse than not knowing whether it was done
}

// do runs fn, again if that makes sense, for Timeout at most. It returns as soon
// as the caller's context ends; fn goes on by itself then, so that what it finds out
// about Redis is the truth, whatever the callers' patience, and no connection is
// thrown away. So fn must not use what belongs to the caller.
func do[T any](ctx context.Context, c *Client, o operation, fn func(context.Context) (T, error)) (T, error) {
	var zero T
	if err := ctx.Err(); err != nil {
		return zero, left(err, o)
	}
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	started := c.run(func() {
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.config.Timeout)
		defer cancel()
		value, err := attempt(own, c.config.MaxRetries, o, fn)
		done <- outcome{value, err}
	})
	if !started {
		return zero, c.fault(o, redis.ErrClosed)
	}
	select {
	case got := <-done:
		return got.value, c.fault(o, got.err)
	case <-ctx.Done():
		return zero, left(ctx.Err(), o)
	}
}

func left(err error, o operation) error {
	return fault.Wrap(err, fault.Cancelled, "cannot %s: the request was cancelled or took too long", o.name)
}

func attempt[T any](ctx context.Context, retries int, o operation, fn func(context.Context) (T, error)) (T, error) {
	pause := firstPause
	for try := 0; ; try++ {
		value, err := fn(ctx)
		if err == nil || try >= retries || !again(err, o.once) {
			return value, err
		}
		timer := time.NewTimer(pause/2 + rand.N(pause)) //nolint:gosec // only spreads the load
		select {
		case <-ctx.Done():
			timer.Stop()
			return value, err
		case <-timer.C:
		}
		pause = min(2*pause, longestPause)
	}
}

// again says whether another try may help. What must be done once is only tried
// again when it was surely not done: no connection came about, or the server
// refused to begin.
func again(err error, once bool) bool {
	var reply redis.Error
	var network net.Error
	switch {
	case isSilence(err), errors.Is(err, redis.ErrClosed), errors.Is(err, redis.ErrPoolTimeout):
		return false
	case notConnected(err):
		return true
	case errors.As(err, &reply):
		return notBegun(reply.Error())
	case once:
		return false
	}
	// A broken connection; time that ran out cannot be had twice.
	return !errors.Is(err, context.DeadlineExceeded) && (!errors.As(err, &network) || !network.Timeout())
}

// notConnected knows errors of connecting.
func notConnected(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && !op.Timeout() || ofSentinels(err)
}

// ofSentinels knows when no sentinel told where the master is; go-redis gives no
// error of its own for that.
func ofSentinels(err error) bool {
	return strings.Contains(err.Error(), "all sentinels specified in configuration are unreachable")
}

// notBegun knows answers that say: not now, and nothing was done.
func notBegun(reply string) bool {
	for _, prefix := range []string{
		"LOADING ", "READONLY ", "MASTERDOWN ", "CLUSTERDOWN ", "TRYAGAIN ", "NOREPLICAS ", "BUSY ",
		"ERR max number of clients",
	} {
		if strings.HasPrefix(reply, prefix) {
			return true
		}
	}
	return false
}
