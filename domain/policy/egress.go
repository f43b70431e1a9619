package policy

import (
	"net/netip"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Egress says which hosts outbound calls may reach. Patterns are exact host
// names, *.suffix, addresses or CIDR ranges.
type Egress struct {
	allow, deny  []hostRule
	allowPrivate bool
}

type hostRule struct {
	name   string // exact, or with a leading dot for a suffix
	prefix netip.Prefix
}

// NewEgress reads the patterns of [egress]. An empty allow list allows every
// public host; private, loopback and link-local addresses need allowPrivate or
// an allow entry that names the address or range itself.
func NewEgress(allow, deny []string, allowPrivate bool) (Egress, error) {
	e := Egress{allowPrivate: allowPrivate}
	var err error
	if e.allow, err = parseRules("egress.allow", allow); err != nil {
		return e, err
	}
	e.deny, err = parseRules("egress.deny", deny)
	return e, err
}

func parseRules(field string, patterns []string) ([]hostRule, error) {
	rules := make([]hostRule, 0, len(patterns))
	for _, p := range patterns {
		r, err := parseRule(strings.ToLower(strings.TrimSpace(p)))
		if err != nil {
			return nil, fault.New(fault.Invalid, "%q is not a host name, *.suffix, address or CIDR range", p).AtField(field)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseRule(p string) (hostRule, error) {
	if prefix, err := netip.ParsePrefix(p); err == nil {
		return hostRule{prefix: prefix.Masked()}, nil
	}
	if addr, err := netip.ParseAddr(strings.Trim(p, "[]")); err == nil {
		return hostRule{prefix: netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())}, nil
	}
	name := strings.TrimSuffix(strings.TrimPrefix(p, "*"), ".")
	if name == "" || name == "." || strings.ContainsAny(name, "*/: ") {
		return hostRule{}, fault.New(fault.Invalid, "bad pattern")
	}
	return hostRule{name: name}, nil
}

func (r hostRule) matchesName(host string) bool {
	if strings.HasPrefix(r.name, ".") {
		return strings.HasSuffix(host, r.name)
	}
	return r.name != "" && host == r.name
}

func (r hostRule) matchesAddr(a netip.Addr) bool {
	return r.prefix.IsValid() && r.prefix.Contains(a)
}

// PermitHost judges the host as written, before it is resolved.
func (e Egress) PermitHost(host string) error {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if matchName(e.deny, host) {
		return refuse(host, "is listed in egress.deny")
	}
	if len(e.allow) == 0 || matchName(e.allow, host) || e.hasRanges() {
		return nil
	}
	return refuse(host, "is not listed in egress.allow")
}

// PermitAddr judges the address that is about to be dialled for a host.
func (e Egress) PermitAddr(host string, addr netip.Addr) error {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	addr = addr.Unmap()
	if matchAddr(e.deny, addr) || matchName(e.deny, host) {
		return refuse(host, "is listed in egress.deny")
	}
	if matchAddr(e.allow, addr) {
		return nil
	}
	if !isPublic(addr) && !e.allowPrivate {
		return refuse(host, "is a private, loopback or link-local address; allow it with egress.allow_private = true or by its range in egress.allow")
	}
	if len(e.allow) > 0 && !matchName(e.allow, host) {
		return refuse(host, "is not listed in egress.allow")
	}
	return nil
}

func (e Egress) hasRanges() bool {
	for _, r := range e.allow {
		if r.prefix.IsValid() {
			return true
		}
	}
	return false
}

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

func matchName(rules []hostRule, host string) bool {
	for _, r := range rules {
		if r.matchesName(host) {
			return true
		}
	}
	return false
}

func matchAddr(rules []hostRule, a netip.Addr) bool {
	for _, r := range rules {
		if r.matchesAddr(a) {
			return true
		}
	}
	return false
}

func refuse(host, why string) error {
	return fault.New(fault.Forbidden, "the host %q %s", host, why)
}
