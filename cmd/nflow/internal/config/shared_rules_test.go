package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSharedRules(t *testing.T) {
	rows := []struct {
		name, toml string
		want       []string
	}{
		{"one server", "[redis]\nhost='localhost:6379'\ndb=3\n", nil},
		{"one server of addresses", "[redis]\naddresses='r:6379'\ndb=3\n", nil},
		{"cluster", "[redis]\naddresses=['a:1','b:2']\n", nil},
		{"entry to a cluster", "[redis]\nhost='c:1'\ncluster=true\n", nil},
		{"entries to a cluster", "[redis]\naddresses=['a:1','b:2']\ncluster=true\n", nil},
		{"sentinels", "[redis]\naddresses=['a:1','b:2']\nmaster_name='m'\ndb=3\nsentinel_username='u'\nsentinel_password='p'\n", nil},
		{"TLS", "[redis]\nhost='h:1'\ntls=true\ntls_ca='ca.pem'\ntls_cert='c.pem'\ntls_key='k.pem'\n", nil},
		{"everything in Redis", "[redis]\naddresses='h:1'\n[auth]\nsession_store='redis'\n[rate_limit]\nbackend='redis'\n", nil},
		{"both", "[redis]\nhost='a:1'\naddresses=['b:2']\n", []string{
			"config.toml line 3:1: redis.addresses is given beside redis.host; keep host for one server, or addresses for a cluster or sentinels"}},
		{"master of nobody", "[redis]\nhost='a:1'\nmaster_name='m'\n", []string{
			"config.toml line 3:1: redis.master_name needs redis.addresses, the sentinels that watch the master"}},
		{"database of a cluster", "[redis]\naddresses=['a:1','b:2']\ndb=1\n", []string{
			"config.toml line 3:1: redis.db is 1, but several redis.addresses are a cluster, which has only 0; or give redis.master_name if they are sentinels"}},
		{"database behind the entry to a cluster", "[redis]\nhost='c:1'\ndb=1\ncluster=true\n", []string{
			"config.toml line 3:1: redis.db is 1, but a cluster has only 0; or remove redis.cluster if the server is none"}},
		{"database of a cluster, said twice", "[redis]\naddresses=['a:1','b:2']\ndb=1\ncluster=true\n", []string{
			"config.toml line 3:1: redis.db is 1, but a cluster has only 0; or remove redis.cluster if the server is none"}},
		{"sentinels of a cluster", "[redis]\naddresses=['a:1','b:2']\nmaster_name='m'\ndb=1\ncluster=true\n", []string{
			"config.toml line 5:1: redis.cluster is given beside redis.master_name, but sentinels watch single masters, not a cluster; keep one of the two"}},
		{"no sentinels", "[redis]\nhost='a:1'\nsentinel_username='u'\nsentinel_password='hush'\n", []string{
			"config.toml line 3:1: redis.sentinel_username needs redis.master_name; without it nobody asks sentinels",
			"config.toml line 4:1: redis.sentinel_password needs redis.master_name; without it nobody asks sentinels"}},
		{"TLS switched off", "[redis]\nhost='a:1'\ntls_ca='ca.pem'\ntls_cert='c.pem'\ntls_key='k.pem'\n", []string{
			"config.toml line 3:1: redis.tls_ca needs redis.tls = true; without it nothing is encrypted",
			"config.toml line 4:1: redis.tls_cert needs redis.tls = true; without it nothing is encrypted",
			"config.toml line 5:1: redis.tls_key needs redis.tls = true; without it nothing is encrypted"}},
		{"certificate alone", "[redis]\nhost='a:1'\ntls=true\ntls_cert='c.pem'\n", []string{
			"config.toml line 4:1: redis.tls_cert is set without redis.tls_key; set both or neither"}},
		{"key alone", "[redis]\nhost='a:1'\ntls=true\ntls_key='k.pem'\n[server]\ntls_key='k.pem'\n", []string{
			"config.toml line 4:1: redis.tls_key is set without redis.tls_cert; set both or neither",
			"config.toml line 6:1: server.tls_key is set without server.tls_cert; set both or neither"}},
		{"no Redis at all", "[auth]\nsession_store='redis'\n[rate_limit]\nbackend='redis'\n", []string{
			`config.toml line 2:1: auth.session_store is "redis", which needs redis.host or redis.addresses`,
			`config.toml line 4:1: rate_limit.backend is "redis", which needs redis.host or redis.addresses`}},
		{"no addresses", "[redis]\nhost='localhost'\naddresses=['a:0','redis://h:1','[::1]:6379','a b:1']\n", []string{
			`config.toml line 2:1: redis.host must hold the address and the port of a server, such as "localhost:6379", not "localhost"`,
			`config.toml line 3:1: redis.addresses must hold the address and the port of a server, such as "localhost:6379", not "a:0"`,
			`config.toml line 3:1: redis.addresses must hold the address and the port of a server, such as "localhost:6379", not "redis://h:1"`,
			`config.toml line 3:1: redis.addresses must hold the address and the port of a server, such as "localhost:6379", not "a b:1"`,
			"config.toml line 3:1: redis.addresses is given beside redis.host; keep host for one server, or addresses for a cluster or sentinels"}},
		{"an address with a password", "[redis]\nhost='redis://:hush@h:1'\n", []string{
			`config.toml line 2:1: redis.host must hold the address and the port of a server, such as "localhost:6379"`}},
		{"prefixes", "[redis]\nkey_prefix='{a}:'\n", []string{
			`config.toml line 2:1: redis.key_prefix must hold no spaces, control characters or braces, not "{a}:"`}},
		{"prefix with a space", "[redis]\nkey_prefix='a b'\n", []string{
			`config.toml line 2:1: redis.key_prefix must hold no spaces, control characters or braces, not "a b"`}},
		{"prefix with a control character", "[redis]\nkey_prefix=\"a\\u0007\"\n", []string{
			`config.toml line 2:1: redis.key_prefix must hold no spaces, control characters or braces, not "a\a"`}},
		{"origins", "[auth]\ntrusted_origins=['https://shop.example.com','https://a.example/','https://a.example/pay','shop','ftp://a','https://u:hush@a','https://a?','https://*.a.example','https://a:']\n", []string{
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path, not "https://a.example/"`,
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path, not "https://a.example/pay"`,
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path, not "shop"`,
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path, not "ftp://a"`,
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path`,
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path, not "https://a?"`,
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path, not "https://*.a.example"`,
			`config.toml line 2:1: auth.trusted_origins must hold origins such as https://shop.example.com, without a path, not "https://a:"`}},
		{"batches", "[tracker]\nbatch_size=200\nchannel_buffer=100\n", []string{
			"config.toml line 2:1: tracker.batch_size is 200, more than tracker.channel_buffer (100), so no batch would ever be full; lower it"}},
		{"batches that fit", "[tracker]\nbatch_size=100\nchannel_buffer=100\n", nil},
		{"a default batch gives way", "[tracker]\nchannel_buffer=10\n", nil},
		{"ages", "[runs]\nmax_age='720ms'\n[tracker]\nmax_age='59s'\n", []string{
			`config.toml line 2:1: runs.max_age is 720ms, before anybody could look at a record; give "1m" or more, such as "720h", or "0s" to keep records of any age`,
			`config.toml line 4:1: tracker.max_age is 59s, before anybody could look at a record; give "1m" or more, such as "720h", or "0s" to keep records of any age`}},
		{"ages that are fine", "[runs]\nmax_age='1m'\n[tracker]\nmax_age='0s'\n", nil},
		{"a large burst", "[rate_limit]\nip_rate_limit=1000\nip_burst_size=1000000\n", nil},
		{"a burst for ever", "[rate_limit]\nip_rate_limit=1\nip_burst_size=2000000000\n", []string{
			"config.toml line 3:1: rate_limit.ip_burst_size is 2000000000, which takes 3795 years to fill at 1 requests in 1m0s; lower it"}},
		{"beyond all numbers", "[rate_limit]\nip_rate_limit=9223372036854775807\nip_window_minutes='8784h'\n", []string{
			"config.toml line 2:1: rate_limit.ip_burst_size is 9223372036854775807, which takes 291673 years to fill at 9223372036854775807 requests in 8784h0m0s; lower it"}},
		{"a window for ever", "[rate_limit]\nip_window_minutes=1000000\n", []string{
			"config.toml line 2:1: rate_limit.ip_window_minutes is 16666h40m0s; it must be a year or less"}},
		{"poll", "[database_nflow]\npoll_interval='61m'\n", []string{
			"config.toml line 2:1: database_nflow.poll_interval is 1h1m0s; it must be 1h0m0s or less"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := load(row.toml)
			if diff := cmp.Diff(row.want, lines(err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
	c, err := load("[tracker]\nchannel_buffer=10\n")
	if err != nil || c.Tracker.BatchSize != 10 {
		t.Errorf("the batch is %d, error %v", c.Tracker.BatchSize, err)
	}
}

func TestNetworksOfIPv4AreIPv4(t *testing.T) {
	for given, want := range map[string]string{
		"10.0.0.1": "10.0.0.1/32", "::ffff:10.0.0.1": "10.0.0.1/32", "::ffff:10.0.0.0/104": "10.0.0.0/8", "::1": "::1/128", "2001:db8::/32": "2001:db8::/32", "::/0": "::/0",
	} {
		if got, ok := Network(given); !ok || got.String() != want {
			t.Errorf("%s reads as %s", given, got)
		}
	}
}
