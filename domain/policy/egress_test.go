package policy_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

type rules struct {
	allow, deny []string
	private     bool
}

func (r rules) egress(t *testing.T) policy.Egress {
	t.Helper()
	e, err := policy.NewEgress(r.allow, r.deny, r.private)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPermitAddr(t *testing.T) {
	open, lax := rules{}, rules{private: true}
	tests := []struct {
		name   string
		rules  rules
		host   string
		addr   string
		reason string // part of the refusal; empty = permitted
	}{
		{"public", open, "example.com", "93.184.216.34", ""},
		{"public IPv6", open, "example.com", "2606:2800:220:1::1", ""},
		{"loopback", open, "localhost", "127.0.0.1", "egress.allow_private"},
		{"loopback elsewhere", open, "x", "127.200.3.4", "allow_private"},
		{"loopback IPv6", open, "x", "::1", "allow_private"},
		{"loopback mapped", open, "x", "::ffff:127.0.0.1", "allow_private"},
		{"private 10", open, "x", "10.1.2.3", "allow_private"},
		{"private 172.16", open, "x", "172.31.255.255", "allow_private"},
		{"public beside 172.16", open, "x", "172.32.0.1", ""},
		{"private 192.168", open, "x", "192.168.0.1", "allow_private"},
		{"private mapped", open, "x", "::ffff:10.0.0.1", "allow_private"},
		{"cloud metadata", open, "x", "169.254.169.254", "allow_private"},
		{"cloud metadata IPv6", open, "x", "fd00:ec2::254", "allow_private"},
		{"link-local IPv6", open, "x", "fe80::1", "allow_private"},
		{"link-local with a zone", open, "x", "fe80::1%eth0", "allow_private"},
		{"unique local", open, "x", "fc00::1", "allow_private"},
		{"carrier NAT", open, "x", "100.64.0.1", "allow_private"},
		{"public beside carrier NAT", open, "x", "100.128.0.1", ""},
		{"unspecified", open, "x", "0.0.0.0", "allow_private"},
		{"unspecified IPv6", open, "x", "::", "allow_private"},
		{"this network", open, "x", "0.1.2.3", "allow_private"},
		{"protocol assignments", open, "x", "192.0.0.8", "allow_private"},
		{"benchmarking", open, "x", "198.18.0.1", "allow_private"},
		{"reserved", open, "x", "240.0.0.1", "allow_private"},
		{"broadcast", open, "x", "255.255.255.255", "allow_private"},
		{"multicast", open, "x", "224.0.0.1", "allow_private"},
		{"multicast IPv6", open, "x", "ff02::1", "allow_private"},
		{"translated private", open, "x", "64:ff9b::10.0.0.1", "allow_private"},
		{"translated metadata", open, "x", "64:ff9b::169.254.169.254", "allow_private"},
		{"translated public", open, "x", "64:ff9b::8.8.8.8", ""},
		{"local translation", open, "x", "64:ff9b:1::1", "allow_private"},
		{"6to4 of a private address", open, "x", "2002:0a00:0001::1", "allow_private"},
		{"compatible form of loopback", open, "x", "::127.0.0.1", "allow_private"},
		{"site-local", open, "x", "fec0::1", "allow_private"},
		{"no address", open, "x", "", "allow_private"},

		{"private allowed by the switch", lax, "x", "10.1.2.3", ""},
		{"loopback allowed by the switch", lax, "x", "::1", ""},
		{"private allowed by range", rules{allow: []string{"10.0.0.0/8"}}, "x", "10.1.2.3", ""},
		{"other private than the range", rules{allow: []string{"10.0.0.0/8"}}, "x", "192.168.0.1", "allow_private"},
		{"range seen through a mapped address", rules{allow: []string{"10.0.0.0/8"}}, "x", "::ffff:10.1.2.3", ""},
		{"range written as mapped", rules{allow: []string{"::ffff:10.0.0.0/104"}}, "x", "10.1.2.3", ""},
		{"private allowed by address", rules{allow: []string{"127.0.0.1"}}, "x", "127.0.0.1", ""},
		{"neighbour of the address", rules{allow: []string{"127.0.0.1"}}, "x", "127.0.0.2", "allow_private"},
		{"address in brackets", rules{allow: []string{"[::1]"}}, "x", "::1", ""},
		{"mapped address written", rules{allow: []string{"::ffff:127.0.0.1"}}, "x", "127.0.0.1", ""},
		{"range not masked", rules{allow: []string{"10.1.2.3/8"}}, "x", "10.9.9.9", ""},
		{"link-local range and a zone", rules{allow: []string{"fe80::/10"}}, "x", "fe80::1%eth0", ""},
		{"a name does not open private addresses", rules{allow: []string{"intra.corp"}}, "intra.corp", "10.0.0.1", "allow_private"},
		{"a name with the switch", rules{allow: []string{"intra.corp"}, private: true}, "intra.corp", "10.0.0.1", ""},

		{"not listed", rules{allow: []string{"api.example.com"}}, "example.com", "93.184.216.34", "egress.allow"},
		{"listed", rules{allow: []string{"api.example.com"}}, "API.Example.COM.", "93.184.216.34", ""},
		{"suffix", rules{allow: []string{"*.example.com"}}, "a.b.example.com", "93.184.216.34", ""},
		{"suffix leaves the domain itself", rules{allow: []string{"*.example.com"}}, "example.com", "93.184.216.34", "egress.allow"},
		{"suffix needs the dot", rules{allow: []string{"*.example.com"}}, "evilexample.com", "93.184.216.34", "egress.allow"},
		{"listed with a port is another host", rules{allow: []string{"example.com"}}, "example.com.evil.org", "93.184.216.34", "egress.allow"},
		{"public outside the allowed range", rules{allow: []string{"10.0.0.0/8"}}, "x", "8.8.8.8", "egress.allow"},
		{"public inside the allowed range", rules{allow: []string{"8.8.8.0/24"}}, "x", "8.8.8.8", ""},

		{"denied name", rules{deny: []string{"evil.org"}}, "Evil.org.", "8.8.8.8", "egress.deny"},
		{"denied suffix", rules{deny: []string{"*.evil.org"}}, "a.evil.org", "8.8.8.8", "egress.deny"},
		{"denied range", rules{deny: []string{"8.8.8.0/24"}}, "x", "8.8.8.8", "egress.deny"},
		{"denied range, mapped address", rules{deny: []string{"8.8.8.0/24"}}, "x", "::ffff:8.8.8.8", "egress.deny"},
		{"denied range written as mapped", rules{deny: []string{"::ffff:8.8.8.0/120"}}, "x", "8.8.8.8", "egress.deny"},
		{"deny over allow by name", rules{allow: []string{"*.example.com"}, deny: []string{"bad.example.com"}}, "bad.example.com", "8.8.8.8", "egress.deny"},
		{"deny over allow by range", rules{allow: []string{"10.0.0.0/8"}, deny: []string{"10.9.0.0/16"}}, "x", "10.9.1.1", "egress.deny"},
		{"deny over the switch", rules{private: true, deny: []string{"169.254.169.254"}}, "x", "169.254.169.254", "egress.deny"},
		{"deny with a zone", rules{private: true, deny: []string{"fe80::/10"}}, "x", "fe80::1%eth0", "egress.deny"},
		{"deny seen through a translated address", rules{private: true, deny: []string{"169.254.169.254"}}, "x", "64:ff9b::169.254.169.254", "egress.deny"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var addr netip.Addr
			if tt.addr != "" {
				addr = netip.MustParseAddr(tt.addr)
			}
			check(t, tt.rules.egress(t).PermitAddr(tt.host, addr), tt.reason)
		})
	}
}

func check(t *testing.T, err error, reason string) {
	t.Helper()
	switch {
	case reason == "" && err != nil:
		t.Errorf("refused: %v", err)
	case reason != "" && (fault.CodeOf(err) != fault.Forbidden || !strings.Contains(err.Error(), reason)):
		t.Errorf("got %v, want forbidden because of %s", err, reason)
	}
}

func TestPermitHost(t *testing.T) {
	tests := []struct {
		name   string
		rules  rules
		host   string
		reason string
	}{
		{"anything", rules{}, "example.com", ""},
		{"denied", rules{deny: []string{"EVIL.org."}}, "evil.ORG", "egress.deny"},
		{"denied by suffix", rules{deny: []string{"*.evil.org"}}, "a.b.evil.org.", "egress.deny"},
		{"denied address", rules{deny: []string{"10.0.0.1"}}, "10.0.0.1", "egress.deny"},
		{"denied range", rules{deny: []string{"10.0.0.0/8"}}, "10.0.0.1", "egress.deny"},
		{"denied address in another spelling", rules{deny: []string{"::1"}}, "0:0::1", "egress.deny"},
		{"not listed", rules{allow: []string{"example.com"}}, "example.org", "egress.allow"},
		{"listed", rules{allow: []string{"example.com"}}, "Example.com.", ""},
		{"an allowed range may hold it", rules{allow: []string{"10.0.0.0/8"}}, "db.corp", ""},
		{"deny over allow", rules{allow: []string{"a.b"}, deny: []string{"a.b"}}, "a.b", "egress.deny"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.rules.egress(t).PermitHost(tt.host), tt.reason) })
	}
}

func TestBadPatterns(t *testing.T) {
	for _, p := range []string{
		"", " ", "*", "*.", ".", "a.*.b", "*example.com", "http://example.com", "example.com/x", "example.com:443",
		"10.0.0.0/33", "10.0.0.256", "1.2.3", "a b", "[::1", "::g",
	} {
		t.Run("pattern "+p, func(t *testing.T) {
			for field, err := range map[string]error{
				"egress.allow": second(policy.NewEgress([]string{"ok.example", p}, nil, false)),
				"egress.deny":  second(policy.NewEgress(nil, []string{p}, false)),
			} {
				if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Field != field {
					t.Errorf("%s: got %v", field, err)
				}
			}
		})
	}
}

func second(_ policy.Egress, err error) error { return err }

func TestFeatures(t *testing.T) {
	off, on := policy.Features{}, policy.Features{FileSystem: true, Network: true}
	tests := []struct {
		name    string
		err     error
		setting string
	}{
		{"network off", off.RequireNetwork("http_get"), "vm_pool.enable_network"},
		{"network on", on.RequireNetwork("http_get"), ""},
		{"files off", off.RequireFileSystem("file_to_string"), "vm_pool.enable_filesystem"},
		{"files on", on.RequireFileSystem("file_to_string"), ""},
		{"network alone opens no files", policy.Features{Network: true}.RequireFileSystem("x"), "vm_pool.enable_filesystem"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.setting == "" {
				if tt.err != nil {
					t.Errorf("got %v", tt.err)
				}
				return
			}
			if fault.CodeOf(tt.err) != fault.Disabled || !strings.Contains(tt.err.Error(), tt.setting+" = true") {
				t.Errorf("got %v", tt.err)
			}
		})
	}
}

func TestDefaultLimitsBind(t *testing.T) {
	l := policy.DefaultLimits()
	if l.Steps <= 0 || l.ScriptTime <= 0 || l.RunTime <= 0 || l.CallDepth <= 0 || l.PayloadBytes <= 0 || l.ResponseBytes <= 0 || l.Rows <= 0 || l.LogLines <= 0 ||
		l.LogBytes <= 0 || l.HostCalls <= 0 || l.Operations <= 0 || l.MemoryBytes <= 0 {
		t.Errorf("a limit is not set: %+v", l)
	}
}
