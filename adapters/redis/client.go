package redis

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// Client speaks with Redis. It is safe for concurrent use.
type Client struct {
	config Config
	rdb    redis.UniversalClient
	take   script
	save   script

	background context.Context // ends with Close
	stop       context.CancelFunc
	mu         sync.RWMutex // guards closed against running
	closed     bool
	running    sync.WaitGroup

	listen    sync.Once
	heard     chan struct{}
	listenFor time.Duration // how long a silent subscription is trusted
}

var (
	_ ports.SessionStore = (*Client)(nil)
	_ ports.RateLimiter  = (*Client)(nil)
	_ ports.Cache        = (*Client)(nil)
	_ ports.Hashes       = (*Client)(nil)
	_ ports.Announcer    = (*Client)(nil)
	_ ports.Pinger       = (*Client)(nil)
)

// Open returns a client, whether Redis answers or not: Ping tells. It fails with
// code invalid for a bad configuration and files that cannot be read. ctx only
// lends its values.
func Open(ctx context.Context, config Config) (*Client, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	encryption, err := config.loadTLS()
	if err != nil {
		return nil, err
	}
	config = config.withDefaults()
	// go-redis writes to standard error, through a logger of the whole process that
	// every client shares. What matters of it comes back as errors.
	logging.Disable()
	c := &Client{
		config: config, take: newScript(takeLua), save: newScript(saveLua),
		heard: make(chan struct{}, 1), listenFor: 10 * time.Second,
	}
	c.background, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.rdb = redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs: config.Addresses, MasterName: config.MasterName, IsClusterMode: config.cluster(), DB: config.DB,
		Username: config.Username, Password: config.Password,
		SentinelUsername: config.SentinelUsername, SentinelPassword: config.SentinelPassword,
		TLSConfig: encryption, PoolSize: config.PoolSize, PipelinePoolSize: -1,
		DialTimeout: config.Timeout, ReadTimeout: config.Timeout, WriteTimeout: config.Timeout,
		// A call that waited this long for a connection says so, instead of timing out.
		PoolTimeout: config.Timeout * 3 / 4, ContextTimeoutEnabled: true,
		// Calls are tried again in one place only, call.go, which knows what may be.
		MaxRetries: -1, DialerRetries: 1, MinRetryBackoff: firstPause, MaxRetryBackoff: longestPause,
		// Answers come in order, without notifications in between.
		Protocol: 2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	c.guardAll()
	return c, nil
}

// Close ends the connections, the subscription and the calls under way. It takes
// Timeout at most.
func (c *Client) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil
	}
	c.closed = true
	c.mu.Unlock()
	c.stop()
	err := c.rdb.Close()
	c.running.Wait()
	return c.scrub(err)
}

// run starts fn unless the client is closed.
func (c *Client) run(fn func()) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return false
	}
	c.running.Go(fn)
	return true
}

// Ping implements ports.Pinger. It writes, as a server that is full, a replica or
// closed to us answers, but is of no use.
func (c *Client) Ping(ctx context.Context) error {
	_, err := do(ctx, c, operation{name: "reach the server"}, func(ctx context.Context) (string, error) {
		return c.rdb.Set(ctx, c.key("health", "ping"), "", pingLasts).Result()
	})
	return err
}

// pingLasts is how long what Ping wrote stays.
const pingLasts = 10 * time.Second

// key names what is kept, apart from what other kinds of things are called.
func (c *Client) key(kind, name string) string { return c.config.KeyPrefix + kind + ":" + name }
