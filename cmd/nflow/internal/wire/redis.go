package wire

import (
	"context"
	"log/slog"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// The values of auth.session_store and rate_limit.backend that choose Redis.
const onRedis = "redis"

// RedisConfig is how to reach the configured server; without Addresses when none
// is configured.
func RedisConfig(c config.Redis) redis.Config {
	addresses := c.Addresses
	if c.Host != "" {
		addresses = []string{c.Host}
	}
	return redis.Config{
		Addresses: addresses, MasterName: c.MasterName, Cluster: c.Cluster,
		Username: c.Username, Password: c.Password.Reveal(), DB: c.DB,
		SentinelUsername: c.SentinelUsername, SentinelPassword: c.SentinelPassword.Reveal(),
		MaxRetries: c.MaxRetries, PoolSize: c.PoolSize, Timeout: c.Timeout, KeyPrefix: c.KeyPrefix,
		TLS: c.TLS, TLSCA: c.TLSCA, TLSCert: c.TLSCert, TLSKey: c.TLSKey,
	}
}

// openRedis returns a client of the configured server, whether it answers or not;
// nil when none is configured.
func openRedis(ctx context.Context, c config.Redis, log *slog.Logger) (*redis.Client, error) {
	r := RedisConfig(c)
	if len(r.Addresses) == 0 {
		return nil, nil //nolint:nilnil // no Redis is a fine configuration
	}
	r.Log = log
	return redis.Open(ctx, r)
}

// share puts what instances share into Redis, as far as it is configured.
func share(cfg config.Config, client *redis.Client, d *app.Deps) {
	if client == nil {
		return
	}
	d.Redis, d.Hashes = client, client
	if cfg.Store.Driver != Memory { // else there are no other instances
		d.Cache, d.Announcer = client, client
		d.Heard = append(d.Heard, client.Heard)
	}
	if cfg.Auth.SessionStore != "database" {
		d.Sessions = client
	}
}

// newLimiter is where buckets of rate limits are kept; sweep, when there is one,
// forgets those that are full.
func newLimiter(c config.RateLimit, client *redis.Client, clock ports.Clock) (limiter ports.RateLimiter, sweep func()) {
	if c.Backend == onRedis && client != nil {
		return client, nil
	}
	inside := memory.NewLimiter(clock.Now)
	return inside, inside.Sweep
}
