package policy

import (
	"net/netip"
	"strings"
)

// Throttle bounds how many requests an address may send, whatever they are for.
// The zero Throttle bounds nothing.
type Throttle struct {
	Rate          Rate
	ExcludedNets  []netip.Prefix
	ExcludedPaths []string // with everything below them
}

// Bucket names the bucket that a request counts against; false when the request
// is not limited. A client that is no IP address shares one bucket with others
// like it.
func (t Throttle) Bucket(client, path string) (bucket string, limited bool) {
	if t.Rate.Unlimited() {
		return "", false
	}
	for _, excluded := range t.ExcludedPaths {
		if below(path, excluded) {
			return "", false
		}
	}
	addr, err := netip.ParseAddr(client)
	if err != nil {
		return "ip:unknown", true
	}
	addr = addr.Unmap().WithZone("")
	for _, net := range t.ExcludedNets {
		if net.Contains(addr) {
			return "", false
		}
	}
	return "ip:" + Client(addr), true
}

// below reports whether a path is a prefix itself or lies below it.
func below(path, prefix string) bool {
	prefix = strings.TrimSuffix(prefix, "/")
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// Client is what stands for one client: its IPv4 address, or its /64 network,
// of which one IPv6 client has every address to itself.
func Client(addr netip.Addr) string {
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return network.String()
}
