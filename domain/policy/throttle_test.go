package policy_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func throttle() policy.Throttle {
	return policy.Throttle{
		Rate:          policy.Rate{Requests: 1, Window: time.Second},
		ExcludedNets:  []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		ExcludedPaths: []string{"/health", "/static/"},
	}
}

func TestBucket(t *testing.T) {
	tests := []struct {
		name, client, path string
		want               string // empty = not limited
	}{
		{"IPv4", "203.0.113.9", "/", "ip:203.0.113.9"},
		{"IPv4 in IPv6", "::ffff:203.0.113.9", "/", "ip:203.0.113.9"},
		{"IPv6 is its network", "2001:db8:1:2:3:4:5:6", "/", "ip:2001:db8:1:2::/64"},
		{"IPv6 of the same network", "2001:db8:1:2::ffff", "/", "ip:2001:db8:1:2::/64"},
		{"IPv6 of another", "2001:db8:1:3::1", "/", "ip:2001:db8:1:3::/64"},
		{"zone", "fe80::1%eth0", "/", "ip:fe80::/64"},
		{"excluded net", "10.200.0.1", "/", ""},
		{"excluded net in IPv6", "::ffff:10.200.0.1", "/", ""},
		{"excluded IPv6 net with a zone", "fd00::1%eth0", "/", ""},
		{"excluded path", "203.0.113.9", "/health", ""},
		{"below it", "203.0.113.9", "/health/live", ""},
		{"not below it", "203.0.113.9", "/healthy", "ip:203.0.113.9"},
		{"above it", "203.0.113.9", "/heal", "ip:203.0.113.9"},
		{"excluded folder", "203.0.113.9", "/static/a.css", ""},
		{"excluded folder itself", "203.0.113.9", "/static", ""},
		{"no path", "203.0.113.9", "", "ip:203.0.113.9"},
		{"no address", "", "/", "ip:unknown"},
		{"a name", "ñandú", "/", "ip:unknown"},
		{"with a port", "203.0.113.9:80", "/", "ip:unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bucket, limited := throttle().Bucket(tt.client, tt.path)
			if bucket != tt.want || limited != (tt.want != "") {
				t.Errorf("got %q, %v", bucket, limited)
			}
		})
	}
}

func TestZeroThrottle(t *testing.T) {
	if bucket, limited := (policy.Throttle{}).Bucket("203.0.113.9", "/"); limited || bucket != "" {
		t.Errorf("got %q", bucket)
	}
	all := throttle()
	all.ExcludedPaths = []string{"/"}
	if bucket, limited := all.Bucket("203.0.113.9", "/a/b"); limited {
		t.Errorf("everything is below /, got %q", bucket)
	}
}

// FuzzBucket: whatever a client calls itself, its bucket is short and stable, and
// one address has one bucket however it is written.
func FuzzBucket(f *testing.F) {
	for _, client := range []string{"203.0.113.9", "::1", "fe80::1%eth0", "::ffff:1.2.3.4", "", "x", "1.2.3.4.5"} {
		f.Add(client, "/a")
	}
	f.Fuzz(func(t *testing.T, client, path string) {
		bucket, limited := throttle().Bucket(client, path)
		if limited != (bucket != "") {
			t.Fatalf("limited %v, bucket %q", limited, bucket)
		}
		if !limited {
			return
		}
		rest, ok := strings.CutPrefix(bucket, "ip:")
		if !ok || len(bucket) > 50 || strings.ContainsAny(bucket, "\x00%{}") {
			t.Fatalf("bucket %q", bucket)
		}
		if rest == "unknown" {
			return
		}
		addr, _, _ := strings.Cut(rest, "/")
		if again, _ := throttle().Bucket(addr, path); again != bucket {
			t.Fatalf("%q has bucket %q, its bucket's address %q", client, bucket, again)
		}
	})
}
