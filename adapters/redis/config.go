package redis

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Config is the [redis] section.
type Config struct {
	// Addresses are host:port of one server; of several servers of a cluster; or of
	// the sentinels when MasterName is given.
	Addresses  []string
	MasterName string
	Cluster    bool // the one address belongs to a cluster; several always do

	Username, Password                 string // of the servers; empty = none
	SentinelUsername, SentinelPassword string
	DB                                 int // 0 for a cluster

	MaxRetries int // tries after the first, all within Timeout
	PoolSize   int // connections to a server; default 10

	TLS             bool
	TLSCA           string // file of certificates; empty = those of the system
	TLSCert, TLSKey string // files of the certificate that is shown, and its key

	// Timeout bounds a call, whatever it takes: connecting, waiting for a
	// connection, trying again. Default 1 s.
	Timeout time.Duration
	// KeyPrefix begins every key and the name of the channel.
	KeyPrefix string
	// Now is the clock by which buckets fill and sessions expire. Nil = that of the
	// server, which is the same for all instances.
	Now func() time.Time
	Log *slog.Logger // nil = none
}

func (c Config) withDefaults() Config {
	c.PoolSize = cmp.Or(c.PoolSize, 10)
	c.Timeout = cmp.Or(c.Timeout, time.Second)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// cluster says whether the addresses are those of a cluster.
func (c Config) cluster() bool {
	return c.MasterName == "" && (c.Cluster || len(c.Addresses) > 1)
}

// Validate reports every fault at once; code invalid. It does not open the files.
func (c Config) Validate() error {
	var faults fault.List
	wrong := func(field, format string, args ...any) {
		faults.Add(fault.New(fault.Invalid, format, args...).AtField("redis." + field))
	}
	if len(c.Addresses) == 0 {
		wrong("host", "is missing; give host:port, or several as redis.addresses")
	}
	for i, address := range c.Addresses {
		if !isAddress(address) {
			// It is not repeated: it may be a URL with a password.
			wrong("addresses", "entry %d is not host:port, such as localhost:6379", i+1)
		}
	}
	if c.Cluster && c.MasterName != "" {
		wrong("master_name", "sentinels watch single masters, not a cluster; remove it")
	}
	if c.MasterName == "" && (c.SentinelUsername != "" || c.SentinelPassword != "") {
		wrong("master_name", "is missing; redis.sentinel_username and redis.sentinel_password are for sentinels only")
	}
	if c.cluster() && c.DB != 0 {
		wrong("db", "%d does not exist in a cluster, which has only 0", c.DB)
	}
	for _, n := range []struct {
		field string
		value int64
	}{{"db", int64(c.DB)}, {"max_retries", int64(c.MaxRetries)}, {"pool_size", int64(c.PoolSize)}, {"timeout", int64(c.Timeout)}} {
		if n.value < 0 {
			wrong(n.field, "must not be negative")
		}
	}
	c.validateTLS(wrong)
	return faults.Err()
}

func (c Config) validateTLS(wrong func(field, format string, args ...any)) {
	for _, file := range [][2]string{{"tls_ca", c.TLSCA}, {"tls_cert", c.TLSCert}, {"tls_key", c.TLSKey}} {
		if file[1] != "" && !c.TLS {
			wrong(file[0], "needs redis.tls = true")
		}
	}
	if c.TLSCert != "" && c.TLSKey == "" {
		wrong("tls_key", "is missing; redis.tls_cert needs it")
	}
	if c.TLSKey != "" && c.TLSCert == "" {
		wrong("tls_cert", "is missing; redis.tls_key needs it")
	}
}

func isAddress(address string) bool {
	host, port, err := net.SplitHostPort(address)
	n, errPort := strconv.ParseUint(port, 10, 16)
	return err == nil && errPort == nil && host != "" && n > 0
}

// String names what is connected to, without secrets.
func (c Config) String() string {
	switch {
	case c.MasterName != "":
		return fmt.Sprintf("Redis master %q", c.MasterName)
	case c.cluster():
		return "Redis cluster"
	default:
		return "Redis"
	}
}
