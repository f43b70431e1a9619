package config

import (
	"math"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// given reports whether a Redis is configured.
func (r Redis) given() bool { return r.Host != "" || len(r.Addresses) > 0 }

// redisRules are those of [redis], and of what can only be kept there.
func redisRules(k *checker) {
	r := k.config.Redis
	if r.Host != "" && len(r.Addresses) > 0 {
		k.add("redis.addresses", "is given beside redis.host; keep host for one server, or addresses for a cluster or sentinels")
	}
	if len(r.Addresses) == 0 && r.MasterName != "" {
		k.add("redis.master_name", "needs redis.addresses, the sentinels that watch the master")
	}
	if r.Username != "" && r.Password == "" {
		k.add("redis.password", "is empty, but redis.username is given; without a password nobody would log in as that user")
	}
	clusterRules(k)
	if r.MasterName == "" {
		const why = "needs redis.master_name; without it nobody asks sentinels"
		k.unless(r.SentinelUsername == "", "redis.sentinel_username", why)
		k.unless(r.SentinelPassword == "", "redis.sentinel_password", why)
	}
	redisTLSRules(k)
	if !r.given() {
		const why = `is "redis", which needs redis.host or redis.addresses`
		k.unless(k.config.Auth.SessionStore != "redis", "auth.session_store", why)
		k.unless(k.config.RateLimit.Backend != "redis", "rate_limit.backend", why)
	}
}

func clusterRules(k *checker) {
	r := k.config.Redis
	switch {
	case r.Cluster && r.MasterName != "":
		k.add("redis.cluster", "is given beside redis.master_name, but sentinels watch single masters, not a cluster; keep one of the two")
	case r.Cluster && r.DB != 0:
		k.add("redis.db", "is %d, but a cluster has only 0; or remove redis.cluster if the server is none", r.DB)
	case len(r.Addresses) > 1 && r.MasterName == "" && r.DB != 0:
		k.add("redis.db", "is %d, but several redis.addresses are a cluster, which has only 0; or give redis.master_name if they are sentinels", r.DB)
	}
}

// unless reports at a path unless all is well.
func (k *checker) unless(fine bool, path, why string) {
	if !fine {
		k.add(path, "%s", why)
	}
}

func redisTLSRules(k *checker) {
	r := k.config.Redis
	if !r.TLS {
		const why = "needs redis.tls = true; without it nothing is encrypted"
		k.unless(r.TLSCA == "", "redis.tls_ca", why)
		k.unless(r.TLSCert == "", "redis.tls_cert", why)
		k.unless(r.TLSKey == "", "redis.tls_key", why)
	}
	k.together("redis.tls_cert", r.TLSCert, "redis.tls_key", r.TLSKey)
}

// together refuses one of two files that are only of use with each other.
func (k *checker) together(one, value, other, otherValue string) {
	switch {
	case value != "" && otherValue == "":
		k.add(one, "is set without %s; set both or neither", other)
	case value == "" && otherValue != "":
		k.add(other, "is set without %s; set both or neither", one)
	}
}

// rateRules keep the arithmetic of buckets exact: none takes more than a year to
// fill.
func rateRules(k *checker) {
	const most = 366 * 24 * time.Hour
	r := k.config.RateLimit
	if r.IPRateLimit < 1 || r.IPWindow <= 0 || r.IPBurstSize < 0 {
		return // said already
	}
	if r.IPWindow > most {
		k.add("rate_limit.ip_window_minutes", "is %s; it must be a year or less", r.IPWindow)
		return
	}
	rate := policy.Rate{Requests: r.IPRateLimit, Window: r.IPWindow, Burst: r.IPBurstSize}
	if filling := float64(rate.Size()) * float64(rate.Interval()); filling > float64(most.Microseconds()) {
		k.addNear("rate_limit.ip_burst_size", "is %d, which takes %.0f years to fill at %s; lower it", rate.Size(), math.Ceil(filling/float64(most.Microseconds())), rate)
	}
}

func trackerRules(k *checker) {
	t := k.config.Tracker
	if t.ChannelBuffer > 0 && t.BatchSize > t.ChannelBuffer {
		k.add("tracker.batch_size", "is %d, more than tracker.channel_buffer (%d), so no batch would ever be full; lower it", t.BatchSize, t.ChannelBuffer)
	}
}

// leastAge is the shortest age at which records may be deleted: one below it is
// a number whose unit was forgotten.
const leastAge = time.Minute

func retentionRules(k *checker) {
	k.age("runs.max_age", k.config.Runs.MaxAge)
	k.age("tracker.max_age", k.config.Tracker.MaxAge)
}

func (k *checker) age(path string, age time.Duration) {
	if age > 0 && age < leastAge {
		k.add(path, `is %s, before anybody could look at a record; give "1m" or more, such as "720h", or "0s" to keep records of any age`, age)
	}
}
