package doctor

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"

	client "github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

// oldestRedis is the first major version that has all we use.
const oldestRedis = 6

func redis(ctx context.Context, p Patient, f *Findings) {
	const check = "redis"
	c := wire.RedisConfig(p.Config.Redis)
	if len(c.Addresses) == 0 {
		f.ok(check, "not configured")
		return
	}
	r, err := client.Open(ctx, c)
	if err != nil {
		f.fail(check, "see [redis]", "%s", err)
		return
	}
	defer r.Close() //nolint:errcheck // nothing was written
	found, err := r.Condition(ctx)
	if err != nil {
		f.fail(check, "see [redis]", "%s", err)
		return
	}
	redisServer(found, p.Config.Auth.SessionStore != "database", f)
	redisTLS(c, f)
}

// redisServer judges what the server says of itself.
func redisServer(c client.Condition, sessions bool, f *Findings) {
	const check = "redis"
	major, _, _ := strings.Cut(c.Version, ".")
	n, err := strconv.Atoi(major)
	evicts := c.Eviction != "" && c.Eviction != "noeviction"
	switch {
	case err == nil && n < oldestRedis:
		f.fail(check, "upgrade it to 6 or later", "version %s is too old", c.Version)
	case evicts && sessions:
		f.warn(check, `set maxmemory-policy noeviction on the server, or auth.session_store = "database"`,
			"version %s; with maxmemory-policy %s it forgets sessions when its memory is full", c.Version, c.Eviction)
	case evicts:
		f.ok(check, "version %s; when its memory is full it deletes other things than sessions (%s)", c.Version, c.Eviction)
	default:
		f.ok(check, "version %s answers and deletes nothing by itself", c.Version)
	}
}

func redisTLS(c client.Config, f *Findings) {
	const check = "redis TLS"
	switch {
	case c.TLS:
		f.ok(check, "on, and certificates are verified")
	case here(c.Addresses):
		f.ok(check, "none; the server is on this machine")
	default:
		f.warn(check, "set redis.tls = true if the server speaks TLS", "connections to other machines are not encrypted")
	}
}

// here says whether all addresses are of this machine.
func here(addresses []string) bool {
	for _, address := range addresses {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return false
		}
		if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
