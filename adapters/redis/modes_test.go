package redis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/redis"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

func TestTLS(t *testing.T) {
	server := redistest.Start(t, redistest.Options{TLS: true})
	c := config(server)
	c.TLS, c.TLSCA = true, server.CAFile()
	work(t, open(t, c))
	fails(t, func() error {
		c := c
		c.TLSCA = ""
		return open(t, c).Ping(t.Context())
	}(), fault.Unavailable, "redis.tls_ca")
	fails(t, func() error {
		c := c
		c.TLS, c.TLSCA = false, ""
		return open(t, c).Ping(t.Context())
	}(), fault.Unavailable, "redis.tls")
	plain := config(redistest.Shared(t))
	plain.TLS, plain.TLSCA, plain.Timeout = true, server.CAFile(), 300*time.Millisecond
	fails(t, open(t, plain).Ping(t.Context()), fault.Unavailable, "redis.tls")
}

func TestClientCertificate(t *testing.T) {
	server := redistest.Start(t, redistest.Options{TLS: true, ClientCertificates: true})
	c := config(server)
	c.TLS, c.TLSCA = true, server.CAFile()
	fails(t, open(t, c).Ping(t.Context()), fault.Unavailable, "redis.tls")
	c.TLSCert, c.TLSKey = server.ClientFiles()
	work(t, open(t, c))
}

func sentinelConfig(s redistest.Sentinels) redis.Config {
	c := config(s.Master)
	c.Addresses, c.MasterName, c.SentinelPassword = []string{s.Sentinel.Addr()}, s.Name, s.Sentinel.Password()
	return c
}

func TestSentinels(t *testing.T) {
	s := redistest.StartSentinels(t)
	c := sentinelConfig(s)
	c.Timeout = time.Second
	suites(t, func() redis.Config { c := sentinelConfig(s); return c })
	client := open(t, c)
	heard := client.Heard()
	work(t, client)
	<-heard
	must(t, client.PutCached(t.Context(), "before", []byte("v"), time.Hour))
	s.Master.Do(t, "WAIT", "1", "5000")

	s.Master.Stop(t)
	took, _ := timed(func() error {
		eventually(t, "works on the replica", 60*time.Second, func() bool {
			return client.PutCached(t.Context(), "after", []byte("v"), time.Hour) == nil
		})
		return nil
	})
	t.Logf("the replica serves %s after the master was killed", took)
	work(t, client)
	if _, found, err := client.Cached(t.Context(), "before"); err != nil || !found {
		t.Errorf("what was stored before is gone: %v", err)
	}
	if n := s.Replica.Do(t, "EXISTS", c.KeyPrefix+"cache:after"); n != "1" {
		t.Error("it was stored elsewhere")
	}
	eventually(t, "announcements are heard from the replica", 30*time.Second, func() bool {
		must(t, client.Announce(t.Context()))
		select {
		case <-heard:
			return s.Replica.Do(t, "PUBSUB", "NUMSUB", c.KeyPrefix+"published") == c.KeyPrefix+"published\n1"
		default:
			return false
		}
	})
}

func TestSentinelFaults(t *testing.T) {
	s := redistest.StartSentinels(t)
	for _, tt := range []struct {
		name   string
		change func(*redis.Config)
		says   string
	}{
		{"wrong name", func(c *redis.Config) { c.MasterName = "other" }, "redis.master_name"},
		{"wrong password of the sentinel", func(c *redis.Config) { c.SentinelPassword = "wrong" }, "redis.sentinel_password"},
		{"no password of the sentinel", func(c *redis.Config) { c.SentinelPassword = "" }, "redis.sentinel_password"},
		{"wrong password of the master", func(c *redis.Config) { c.Password = "wrong" }, "redis.password"},
		{"no sentinel there", func(c *redis.Config) { c.Addresses = []string{"127.0.0.1:1"} }, "redis.addresses"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := sentinelConfig(s)
			tt.change(&c)
			client := open(t, c)
			for range 3 {
				fails(t, client.Ping(t.Context()), fault.Unavailable, tt.says)
			}
			_, found, err := client.Cached(t.Context(), "k")
			fails(t, err, fault.Unavailable, tt.says)
			if found {
				t.Error("found a copy nowhere")
			}
		})
	}
}

func clusterConfig(nodes []*redistest.Server) redis.Config {
	c := config(nodes[0])
	c.Addresses = nil
	for _, node := range nodes {
		c.Addresses = append(c.Addresses, node.Addr())
	}
	return c
}

func TestCluster(t *testing.T) {
	nodes := redistest.StartCluster(t)
	suites(t, func() redis.Config { return clusterConfig(nodes) })
	t.Run("one address", func(t *testing.T) {
		c := clusterConfig(nodes[:1])
		c.Cluster = true
		work(t, open(t, c))
		c.Cluster = false
		client := open(t, c)
		var err error
		for i := range 50 { // one node has a third of the keys
			if err = client.DropCached(t.Context(), fmt.Sprint(i)); err != nil {
				break
			}
		}
		fails(t, err, fault.Unavailable, "redis.cluster = true")
	})
	t.Run("announcements reach every node", func(t *testing.T) {
		c := clusterConfig(nodes)
		listener, speaker := open(t, c), open(t, c)
		heard := listener.Heard()
		<-heard // subscribed
		for range 10 {
			must(t, speaker.Announce(t.Context()))
			select {
			case <-heard:
			case <-time.After(10 * time.Second):
				t.Fatal("an announcement was not heard")
			}
		}
	})
	t.Run("a node hangs", func(t *testing.T) {
		c := clusterConfig(nodes)
		c.Timeout = 300 * time.Millisecond
		client := open(t, c)
		work(t, client)
		nodes[1].Pause(t)
		working, failing := 0, 0
		for i := range 60 {
			took, err := timed(func() error { return client.PutCached(t.Context(), fmt.Sprint(i), []byte("v"), time.Hour) })
			if err == nil {
				working++
				continue
			}
			fails(t, err, fault.Unavailable, "")
			if failing++; failing > 3 && took > c.Timeout {
				t.Errorf("failure %d took %s", failing, took)
			}
		}
		t.Logf("%d calls work, %d do not", working, failing)
		if working < 20 || failing == 0 {
			t.Errorf("%d calls work, %d do not; the other two nodes have two thirds of the keys", working, failing)
		}
		nodes[1].Resume(t)
		eventually(t, "all work again", 20*time.Second, func() bool {
			for i := range 20 {
				if client.DropCached(t.Context(), fmt.Sprint(i)) != nil {
					return false
				}
			}
			return true
		})
	})
}

func TestNoCluster(t *testing.T) {
	c := config(redistest.Shared(t))
	c.Cluster = true
	fails(t, open(t, c).Ping(t.Context()), fault.Unavailable, "redis.host, without redis.cluster")
}
