package policy

import "net/netip"

// meanings are the addresses that may be reached by dialling one: itself,
// without the zone, which no range matches, and the IPv4 address that is inside
// where a gateway would unpack it (NAT64, 6to4, IPv4-compatible).
func meanings(a netip.Addr) []netip.Addr {
	a = a.WithZone("").Unmap()
	if !a.Is6() {
		return []netip.Addr{a}
	}
	b := a.As16()
	switch {
	case begins(b, 0x00, 0x64, 0xff, 0x9b): // 64:ff9b::/96 and 64:ff9b:1::/48
		return []netip.Addr{a, netip.AddrFrom4([4]byte(b[12:]))}
	case begins(b, 0x20, 0x02): // 2002::/16
		return []netip.Addr{a, netip.AddrFrom4([4]byte(b[2:6]))}
	case begins(b, make([]byte, 12)...) && !a.IsLoopback() && !a.IsUnspecified():
		return []netip.Addr{a, netip.AddrFrom4([4]byte(b[12:]))}
	}
	return []netip.Addr{a}
}

func begins(b [16]byte, prefix ...byte) bool { return string(b[:len(prefix)]) == string(prefix) }

func isPublic(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, special := range specialRanges() {
		if special.Contains(a) {
			return false
		}
	}
	return true
}

// specialRanges are registered as not globally reachable, beyond those that
// netip knows: this network, carrier-grade NAT, protocol assignments,
// benchmarks, the reserved class E, and the old site-local addresses of IPv6.
func specialRanges() [6]netip.Prefix {
	v4 := func(a, b byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, 0, 0}), bits)
	}
	return [...]netip.Prefix{
		v4(0, 0, 8), v4(100, 64, 10), v4(192, 0, 24), v4(198, 18, 15), v4(240, 0, 4),
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfe, 0xc0}), 10),
	}
}
