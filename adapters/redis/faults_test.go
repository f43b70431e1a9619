package redis_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

// TestFaults: what a person sees names the key that mends it, and no secret.
func TestFaults(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Lines: []string{
		"user reader on >hush ~* &* +@all -set -evalsha -eval",
		"user narrow on >hush ~other:* &* +@all",
	}})
	for _, tt := range []struct {
		name   string
		change func(*redis.Config)
		says   string
	}{
		{"wrong password", func(c *redis.Config) { c.Password = "hushwrong" }, "redis.password"},
		{"no password", func(c *redis.Config) { c.Password = "" }, "redis.password"},
		{"wrong user", func(c *redis.Config) { c.Username = "nobody" }, "redis.username"},
		{"user may not", func(c *redis.Config) { c.Username, c.Password = "reader", "hush" }, "redis.username"},
		{"user may not use the keys", func(c *redis.Config) { c.Username, c.Password = "narrow", "hush" }, "redis.key_prefix"},
		{"no such database", func(c *redis.Config) { c.DB = 999 }, "redis.db"},
		{"no such name", func(c *redis.Config) { c.Addresses = []string{"host.invalid:6379"} }, "redis.host"},
		{"nobody there", func(c *redis.Config) { c.Addresses = []string{"127.0.0.1:1"} }, "redis.host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log logs
			c := config(server)
			tt.change(&c)
			c.Log = log.logger()
			client := open(t, c)
			for range 7 { // until after the breaker opens, where it is about the server
				err := client.PutCached(t.Context(), "k", []byte("v"), time.Hour)
				fails(t, err, fault.Unavailable, tt.says)
				_, errTake := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
				fails(t, errTake, fault.Unavailable, tt.says)
				for ; err != nil; err = errors.Unwrap(err) {
					if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), server.Password()) {
						t.Fatalf("%q holds a password", err)
					}
				}
			}
			must(t, client.Close())
			if text := log.String(); strings.Contains(text, "hush") || strings.Contains(text, server.Password()) {
				t.Errorf("%q holds a password", text)
			}
		})
	}
}

func TestFullServer(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Lines: []string{"maxmemory 2mb", "maxmemory-policy noeviction"}})
	client := open(t, config(server))
	var err error
	for range 100 {
		if err = client.PutCached(t.Context(), "k", make([]byte, 1<<20), time.Hour); err != nil {
			break
		}
	}
	if err == nil {
		_, err = client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
	}
	fails(t, err, fault.Unavailable, "maxmemory")
	fails(t, client.Ping(t.Context()), fault.Unavailable, "no memory left")
}

func TestReplica(t *testing.T) {
	s := redistest.StartSentinels(t)
	client := open(t, config(s.Replica))
	fails(t, client.PutCached(t.Context(), "k", nil, time.Hour), fault.Unavailable, "redis.master_name")
	_, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
	fails(t, err, fault.Unavailable, "redis.master_name")
}

func TestForeignKeys(t *testing.T) {
	server := redistest.Shared(t)
	c := config(server)
	client := open(t, c)
	server.Do(t, "SET", c.KeyPrefix+"hash:k", "text")
	_, err := client.Field(t.Context(), "k", "f")
	fails(t, err, fault.Internal, "redis.key_prefix")
	server.Do(t, "HSET", c.KeyPrefix+"session:k", "version", "many", "created", "1", "expires", "0", "values", "{}")
	_, err = client.Session(t.Context(), "k", time.Now())
	fails(t, err, fault.Internal, "redis.key_prefix")
	server.Do(t, "SET", c.KeyPrefix+"rate:k", "soon")
	a, err := client.Take(t.Context(), "k", policy.Rate{Requests: 1, Window: time.Second})
	if err != nil || !a.Allowed {
		t.Errorf("got %+v, %v", a, err)
	}
}
