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
		return hostRule{prefix: unmapped(prefix).Masked()}, nil
	}
	bare := p
	if strings.HasPrefix(p, "[") && strings.HasSuffix(p, "]") {
		bare = p[1 : len(p)-1]
	}
	if addr, err := netip.ParseAddr(bare); err == nil {
		return hostRule{prefix: netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen())}, nil
	}
	name := strings.TrimSuffix(p, ".")
	if strings.HasPrefix(p, "*.") {
		name = name[1:]
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if strings.Trim(last, "0123456789") == "" || strings.ContainsAny(name, "*/:[] ") {
		return hostRule{}, fault.New(fault.Invalid, "bad pattern") // empty, or an address that is none
	}
	return hostRule{name: name}, nil
}

// unmapped turns a range written as ::ffff:a.b.c.d/n into one of IPv4, which is
// what addresses are compared as.
func unmapped(p netip.Prefix) netip.Prefix {
	if !p.Addr().Is4In6() || p.Bits() < 96 {
		return p
	}
	return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
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
	if addr, err := netip.ParseAddr(host); err == nil {
		return e.PermitAddr(host, addr)
	}
	if matchName(e.deny, host) {
		return refuse(host, "is listed in egress.deny")
	}
	if len(e.allow) == 0 || matchName(e.allow, host) || e.hasRanges() {
		return nil
	}
	return refuse(host, "is not listed in egress.allow")
}

// PermitAddr judges the address that is about to be dialled for a host, and the
// IPv4 address that a gateway would unpack from it.
func (e Egress) PermitAddr(host string, addr netip.Addr) error {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, a := range meanings(addr) {
		if err := e.permitAddr(host, a); err != nil {
			return err
		}
	}
	return nil
}

func (e Egress) permitAddr(host string, addr netip.Addr) error {
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
