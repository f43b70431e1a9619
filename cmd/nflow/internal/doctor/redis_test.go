package doctor

import (
	"net"
	"testing"
	"time"

	client "github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

func TestRedis(t *testing.T) {
	look := func(c config.Redis, sessions string) Findings {
		c.Timeout = 5 * time.Second
		var f Findings
		redis(t.Context(), Patient{Config: config.Config{Redis: c, Auth: config.Auth{SessionStore: sessions}}}, &f)
		return f
	}
	want(t, look(config.Redis{}, "auto"), "ok redis: not configured")
	plain := redistest.Start(t)
	c := config.Redis{Host: plain.Addr(), Password: config.Secret(plain.Password())}
	want(t, look(c, "auto"), "ok redis: answers and deletes nothing by itself", "ok redis TLS: none; the server is on this machine")
	plain.Do(t, "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
	want(t, look(c, "auto"), "warn redis: with maxmemory-policy allkeys-lru it forgets sessions", "ok redis TLS: none")
	want(t, look(c, "database"), "ok redis: other things than sessions (allkeys-lru)", "ok redis TLS: none")
	c.Password = "wrong-password"
	want(t, look(c, "auto"), "fail redis: refuses the user name or password")
	c.TLSCA = "/none"
	c.TLS = true
	want(t, look(c, "auto"), "fail redis: there is no such file")

	secret := redistest.Start(t, redistest.Options{TLS: true})
	c = config.Redis{Addresses: []string{secret.Addr()}, Password: config.Secret(secret.Password()), TLS: true, TLSCA: secret.CAFile()}
	want(t, look(c, "auto"), "ok redis: answers", "ok redis TLS: on, and certificates are verified")
	secret.Stop(t)
	want(t, look(c, "auto"), "fail redis: see that it runs")
}

func TestRedisServer(t *testing.T) {
	var f Findings
	redisServer(client.Condition{Version: "5.0.14"}, true, &f)
	redisTLS(client.Config{Addresses: []string{"127.0.0.1:1", "[::1]:1", "localhost:1"}}, &f)
	redisTLS(client.Config{Addresses: []string{"127.0.0.1:1", net.JoinHostPort("redis.example.com", "6379")}}, &f)
	want(t, f, "fail redis: version 5.0.14 is too old", "ok redis TLS: none", "warn redis TLS: not encrypted")
}
