package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"
)

const (
	// probeEvery is how often a server that does not answer is asked whether it does
	// again.
	probeEvery = 100 * time.Millisecond
	// mostBroken is how many failures in a row are no accidents. One is enough if time
	// ran out and the server said nothing to anybody meanwhile: whoever asks next
	// would wait as long.
	mostBroken = 5
)

// guard is a circuit breaker for one server, a hook of go-redis. While it is open
// every command fails at once; only its own probe goes through, and closes it.
type guard struct {
	client  *Client
	name    string // of the server, in the log
	ping    func(context.Context) error
	breaker *gobreaker.CircuitBreaker[struct{}]
	began   time.Time
	answer  atomic.Int64          // when the server answered last, nanoseconds after began
	last    atomic.Pointer[error] // why it opened
	hangs   bool                  // the breaker's lock guards it
}

var _ redis.Hook = (*guard)(nil)

// silence is the error of a command during which the server said nothing to
// anybody, or that was not tried because the server had fallen silent. It hides its
// cause from go-redis, which would try again.
type silence struct{ cause error }

func (*silence) Error() string { return "the server does not answer" }

type (
	probing struct{} // key of contexts: this is the probe
	inside  struct{} // key of contexts: a guarded command connects at first
)

// guardAll gives every server a guard: in a cluster those that answer go on.
func (c *Client) guardAll() {
	if cluster, ok := c.rdb.(*redis.ClusterClient); ok {
		cluster.OnNewNode(func(node *redis.Client) { node.AddHook(c.newGuard("Redis at "+node.Options().Addr, node)) })
		return
	}
	c.rdb.AddHook(c.newGuard(c.config.String(), c.rdb))
}

func (c *Client) newGuard(name string, server redis.Cmdable) *guard {
	g := &guard{client: c, name: name, began: time.Now(), ping: func(ctx context.Context) error { return server.Ping(ctx).Err() }}
	g.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:     probeEvery / 2, // so that each probe is let through
		ReadyToTrip: func(n gobreaker.Counts) bool { return g.hangs || n.ConsecutiveFailures >= mostBroken },
		IsExcluded:  saysNothing,
		IsSuccessful: func(err error) bool {
			g.hangs = isSilence(err)
			return answered(err)
		},
		OnStateChange: func(_ string, from, _ gobreaker.State) {
			if from == gobreaker.StateClosed {
				c.run(g.probe)
			}
		},
	})
	return g
}

// probe asks until the server answers or the client is closed.
func (g *guard) probe() {
	log := g.client.config.Log
	if last := g.last.Load(); last != nil {
		log.Warn(g.name+" does not answer; calls fail at once until it does", "error", g.client.scrub(*last))
	}
	began := time.Now()
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-g.client.background.Done():
			return
		case <-ticker.C:
		}
		ctx, cancel := context.WithTimeout(context.WithValue(g.client.background, probing{}, true), g.client.config.Timeout)
		err := g.ping(ctx)
		cancel()
		if errors.Is(err, redis.ErrClosed) {
			return // a node that left the cluster
		}
		if answered(err) {
			log.Info(g.name+" answers again", "after", time.Since(began).Round(time.Millisecond))
			return
		}
	}
}

// call lets a command through, or not.
func (g *guard) call(ctx context.Context, next func(context.Context) error) error {
	if ctx.Value(inside{}) != nil {
		return next(ctx)
	}
	if g.breaker.State() != gobreaker.StateClosed && ctx.Value(probing{}) == nil {
		return g.refuse()
	}
	_, err := g.breaker.Execute(func() (struct{}, error) {
		asked := time.Since(g.began)
		return struct{}{}, g.judge(asked, next(context.WithValue(ctx, inside{}, true)))
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return g.refuse()
	}
	return err
}

// judge takes down what the error of a command, asked so long after the guard
// began, says about the server.
func (g *guard) judge(asked time.Duration, err error) error {
	if answered(err) {
		g.answer.Store(int64(time.Since(g.began)))
		return err
	}
	if late := timedOut(err) || errors.Is(err, redis.ErrPoolTimeout); late && g.answer.Load() < int64(asked) {
		if errors.Is(err, redis.ErrPoolTimeout) {
			// The connections are not busy: they all wait.
			err = fmt.Errorf("%w: %v", context.DeadlineExceeded, err) //nolint:errorlint // which it is not, after all
		}
		g.last.Store(&err)
		return &silence{err}
	}
	if !saysNothing(err) {
		g.last.Store(&err)
	}
	return err
}

func (g *guard) refuse() error {
	if last := g.last.Load(); last != nil {
		return &silence{*last}
	}
	return &silence{context.DeadlineExceeded}
}

func isSilence(err error) bool {
	var s *silence
	return errors.As(err, &s)
}

// answered says whether the server said something, be it that it refuses.
func answered(err error) bool {
	var reply redis.Error
	return err == nil || errors.As(err, &reply) && !ofSentinels(err)
}

// saysNothing knows errors that are no sign of the server's health.
func saysNothing(err error) bool {
	return errors.Is(err, redis.ErrPoolTimeout) || errors.Is(err, redis.ErrClosed) || errors.Is(err, context.Canceled)
}

func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout()
}

// DialHook implements redis.Hook.
func (*guard) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (g *guard) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return g.call(ctx, func(ctx context.Context) error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook implements redis.Hook.
func (g *guard) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return g.call(ctx, func(ctx context.Context) error { return next(ctx, cmds) })
	}
}
