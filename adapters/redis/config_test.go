package redis_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func TestValidate(t *testing.T) {
	good := func() redis.Config { return redis.Config{Addresses: []string{"localhost:6379"}} }
	for _, tt := range []struct {
		name   string
		change func(*redis.Config)
		fields []string
	}{
		{"good", func(*redis.Config) {}, nil},
		{"IPv6", func(c *redis.Config) { c.Addresses = []string{"[::1]:6379"} }, nil},
		{"cluster", func(c *redis.Config) { c.Addresses = []string{"a:1", "b:2"} }, nil},
		{"sentinels", func(c *redis.Config) {
			c.Addresses, c.MasterName, c.SentinelPassword, c.DB = []string{"a:1", "b:2"}, "m", "x", 3
		}, nil},
		{"nothing", func(c *redis.Config) { *c = redis.Config{} }, []string{"redis.host"}},
		{"addresses", func(c *redis.Config) {
			c.Addresses = []string{"a", "a:", ":1", "a:0", "a:65536", "a:b", "redis://u:hush@a:1", "a:1"}
		}, strings.Split(strings.Repeat(" redis.addresses", 7), " ")[1:]},
		{"all at once", func(c *redis.Config) {
			*c = redis.Config{
				Addresses: []string{"a:1", "b:1"}, DB: 2, MaxRetries: -1, PoolSize: -1, Timeout: -1,
				SentinelPassword: "hush", TLSCert: "x", TLSCA: "y",
			}
		}, []string{
			"redis.master_name", "redis.db", "redis.max_retries", "redis.pool_size", "redis.timeout", "redis.tls_ca",
			"redis.tls_cert", "redis.tls_key",
		}},
		{"negative database", func(c *redis.Config) { c.DB = -1 }, []string{"redis.db"}},
		{"key without certificate", func(c *redis.Config) { c.TLS, c.TLSKey = true, "x" }, []string{"redis.tls_cert"}},
		{"sentinels of a cluster", func(c *redis.Config) { c.Cluster, c.MasterName = true, "m" }, []string{"redis.master_name"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := good()
			tt.change(&c)
			check(t, c.Validate(), tt.fields)
			if tt.fields != nil {
				_, err := redis.Open(t.Context(), c)
				check(t, err, tt.fields)
			}
		})
	}
}

// check wants faults at fields, in this order, and no secret.
func check(t *testing.T, err error, fields []string) {
	t.Helper()
	var faults fault.List
	_ = errors.As(err, &faults)
	var got []string
	for _, f := range faults {
		got = append(got, f.Field)
		if f.Code != fault.Invalid {
			t.Errorf("%v has code %s", f, f.Code)
		}
	}
	if strings.Join(got, " ") != strings.Join(fields, " ") {
		t.Errorf("faults at %q, want %q", got, fields)
	}
	if err != nil && strings.Contains(err.Error(), "hush") {
		t.Errorf("%q holds a password", err)
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(dir, "gone")
	base := redis.Config{Addresses: []string{"localhost:6379"}, TLS: true}
	for _, tt := range []struct {
		name          string
		ca, cert, key string
		fields        []string
	}{
		{"gone", gone, gone, gone, []string{"redis.tls_ca", "redis.tls_cert", "redis.tls_key"}},
		{"a folder", dir, dir, text, []string{"redis.tls_ca", "redis.tls_cert"}},
		{"text", text, text, text, []string{"redis.tls_ca", "redis.tls_cert"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := base
			c.TLSCA, c.TLSCert, c.TLSKey = tt.ca, tt.cert, tt.key
			_, err := redis.Open(t.Context(), c)
			check(t, err, tt.fields)
		})
	}
}
