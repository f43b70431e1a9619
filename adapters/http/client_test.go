package http

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func proxies() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
}

// claims are what clients write into X-Forwarded-For to be somebody else.
func claims() map[string][]string {
	return map[string][]string{
		"nothing":             nil,
		"empty":               {""},
		"another client":      {"6.6.6.6"},
		"a trusted proxy":     {"10.0.0.9"},
		"loopback":            {"127.0.0.1"},
		"a chain of proxies":  {"6.6.6.6, 10.0.0.9, 10.0.0.8"},
		"IPv6 with a zone":    {"fe80::1%eth0"},
		"IPv4 in IPv6":        {"::ffff:10.0.0.9"},
		"brackets and a port": {"[2001:db8::66]:443, [fd00::9]:1"},
		"IPv4 with a port":    {"10.0.0.9:80"},
		"brackets galore":     {"[[::1]], ]::1[, [], []:1, [10.0.0.9]"},
		"garbage":             {"<script>, \t, ;;, 999.1.1.1, 10.0.0, ::::"},
		"words":               {"unknown", "_hidden", "localhost"},
		"commas":              {strings.Repeat(",", 1000)},
		"many headers":        slices.Repeat([]string{"10.0.0.9"}, 1000),
		"10,000 entries":      {strings.Repeat("10.0.0.9,", 9999) + "6.6.6.6"},
		"10,000 different":    {strings.Repeat("6.6.6.6, 10.0.0.9, ", 5000)},
		"one long entry":      {strings.Repeat("1", 100_000)},
		"other separators":    {"6.6.6.6;10.0.0.9 6.6.6.7|1.1.1.1"},
		"null and newline":    {"6.6.6.6\x00,\n10.0.0.9"},
		"leading zeros":       {"010.000.000.009"},
		"hexadecimal":         {"0x0a000009"},
	}
}

// Whoever connects to the server itself is who the connection says, whatever the
// request claims, with and without trusted proxies.
func TestStrangersCannotChooseTheirAddress(t *testing.T) {
	for _, trusted := range [][]netip.Prefix{nil, proxies()} {
		s := newWorld().server(t, func(c *Config) { c.TrustedProxies = trusted })
		for name, claim := range claims() {
			for peer, want := range map[string]string{"203.0.113.9:1": "203.0.113.9", "[2001:db8::1]:1": "2001:db8::1", "[fe80::1%eth0]:1": "fe80::1"} {
				r := httptest.NewRequest("GET", "/", nil)
				r.RemoteAddr = peer
				r.Header["X-Forwarded-For"] = claim
				r.Header.Set("Forwarded", "for=6.6.6.6")
				r.Header.Set("X-Real-Ip", "6.6.6.6")
				r.Header.Set("X-Client-Ip", "6.6.6.6")
				if got, _, _ := strings.Cut(s.realIP(r), "%"); got != want {
					t.Errorf("%s: %s claims to be %s", name, peer, got)
				}
			}
		}
	}
}

// Behind a proxy the client is whom the proxy names, as the last entry of the
// last line, whatever the client wrote before it.
func TestClientsBehindAProxyCannotChooseTheirAddress(t *testing.T) {
	s := newWorld().server(t, func(c *Config) { c.TrustedProxies = proxies() })
	appended := map[string]string{
		"198.51.100.7": "198.51.100.7", "198.51.100.7:4711": "198.51.100.7", "2001:db8::7": "2001:db8::7",
		"[2001:db8::7]:4711": "2001:db8::7", "[2001:db8::7]": "2001:db8::7", "fe80::7%eth1": "fe80::7", "::ffff:198.51.100.7": "198.51.100.7",
	}
	for name, claim := range claims() {
		for written, want := range appended {
			for _, two := range []bool{false, true} { // proxies in a row
				line := written
				if two {
					line += ", 10.1.1.1"
				}
				own := append(slices.Clone(claim), line) // a line of the proxy's own
				if got := realIPOf(s, "10.0.0.1:1", own); got != want {
					t.Errorf("%s: %s in a line of its own reads as %s", name, written, got)
				}
				if len(claim) == 0 {
					continue
				}
				same := slices.Clone(claim) // or the client's last line made longer
				same[len(same)-1] += ", " + line
				if got := realIPOf(s, "[fd00::1]:1", same); got != want {
					t.Errorf("%s: %s in the same line reads as %s", name, written, got)
				}
			}
		}
	}
}

func realIPOf(s *Server, peer string, forwarded []string) string {
	r := &http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": forwarded}}
	return s.realIP(r)
}

func TestPeerIP(t *testing.T) {
	for remote, want := range map[string]string{
		"203.0.113.9:1": "203.0.113.9", "[2001:db8::1]:65535": "2001:db8::1", "[fe80::1%eth0]:1": "fe80::1%eth0", "@": "@", "": "",
	} {
		if got := peerIP(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%q: got %q, want %q", remote, got, want)
		}
	}
	in, _ := seen(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} },
		"GET", "/x", "", "X-Forwarded-For: 198.51.100.7")
	if in.PeerIP != "192.0.2.1" || in.RealIP != "198.51.100.7" {
		t.Errorf("peer %s, client %s", in.PeerIP, in.RealIP)
	}
}

// A chain is looked at no further than it is trusted, and costs nothing beyond.
func TestLongChainsAreCheap(t *testing.T) {
	s := newWorld().server(t, func(c *Config) { c.TrustedProxies = proxies() })
	r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {strings.Repeat("6.6.6.6,", 10_000) + "198.51.100.7"}}}
	if allocs := testing.AllocsPerRun(100, func() { s.realIP(r) }); allocs > 1 { // the address as a text
		t.Errorf("%v allocations", allocs)
	}
	r.Header["X-Forwarded-For"] = []string{strings.Repeat("10.0.0.9,", 10_000) + "10.0.0.8"}
	began := time.Now()
	for range 10 {
		s.realIP(r)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("ten chains of 10,000 proxies took %s", took)
	}
}

// FuzzForwardedFor proves that whatever a client writes, its address is that of
// its connection, or the one the trusted proxy in between added.
func FuzzForwardedFor(f *testing.F) {
	for _, lines := range claims() {
		f.Add(strings.Join(lines[:min(len(lines), 3)], "\n"), "203.0.113.9:1")
	}
	f.Add("10.0.0.9", "[::ffff:10.0.0.1]:80")
	f.Add("[fd00::1%x]:1", "10.0.0.1")
	s := newWorld().server(f, func(c *Config) { c.TrustedProxies = proxies() })
	f.Fuzz(func(t *testing.T, claim, peer string) {
		lines := strings.Split(claim, "\n")
		got := realIPOf(s, peer, lines)
		from, ok := parseIP(peerIP(&http.Request{RemoteAddr: peer}))
		switch {
		case !ok && got != peerIP(&http.Request{RemoteAddr: peer}):
			t.Errorf("a peer %q that is no address became %q", peer, got)
		case ok && !s.trusts(from) && got != from.String():
			t.Errorf("the stranger %q became %q", peer, got)
		case ok:
			if _, err := netip.ParseAddr(got); err != nil {
				t.Errorf("the client of %q is %q", peer, got)
			}
		}
		if got := realIPOf(s, "10.0.0.1:1", append(lines, "198.51.100.7")); got != "198.51.100.7" {
			t.Errorf("a claim before the proxy's word gave %q", got)
		}
		lines[len(lines)-1] += ",198.51.100.7,10.0.0.2"
		if got := realIPOf(s, "10.0.0.1:1", lines); got != "198.51.100.7" {
			t.Errorf("a claim in the proxy's line gave %q", got)
		}
	})
}
