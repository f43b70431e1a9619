package http

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// realIP is the address of the client: the peer, or, when the peer is a trusted
// proxy, the right-most entry of X-Forwarded-For that is not one. Entries to the
// left of it are the client's own claims and never count.
func (s *Server) realIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if len(s.cfg.TrustedProxies) == 0 {
		return host
	}
	hop, ok := parseIP(host)
	if !ok {
		return host
	}
	entries := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
	for i := len(entries) - 1; i >= 0 && s.trusts(hop); i-- {
		next, ok := parseIP(strings.TrimSpace(entries[i]))
		if !ok {
			break
		}
		hop = next
	}
	return hop.String()
}

// scheme is https under TLS or when a trusted proxy, nearest first, says so.
func (s *Server) scheme(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	if len(s.cfg.TrustedProxies) == 0 {
		return "http"
	}
	claims := r.Header["X-Forwarded-Proto"]
	if len(claims) == 0 {
		return "http"
	}
	last := claims[len(claims)-1]
	last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	if peer, ok := parseIP(r.RemoteAddr); ok && s.trusts(peer) && strings.EqualFold(last, "https") {
		return "https"
	}
	return "http"
}

func (s *Server) trusts(ip netip.Addr) bool {
	for _, prefix := range s.cfg.TrustedProxies {
		if prefix.Contains(ip) {
			return true
		}
	}
	return false
}

// parseIP takes an address with or without a port.
func parseIP(text string) (netip.Addr, bool) {
	if addr, err := netip.ParseAddrPort(text); err == nil {
		return addr.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.Unmap().WithZone(""), err == nil
}
