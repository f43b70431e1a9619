package http

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// peerIP is the address of whoever is connected, without its port.
func peerIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// client is the address of the client, see realIP.
func (ex *exchange) client() string {
	if ex.clientIP == "" {
		ex.clientIP = ex.s.realIP(ex.r)
	}
	return ex.clientIP
}

// realIP is the address of the client: the peer, or, when the peer is a trusted
// proxy, the right-most entry of X-Forwarded-For that is not one. Entries to the
// left of it are the client's own claims and never count.
func (s *Server) realIP(r *http.Request) string {
	host := peerIP(r)
	if len(s.cfg.TrustedProxies) == 0 {
		return host
	}
	hop, ok := parseIP(host)
	if !ok {
		return host
	}
	entries := hops{lines: r.Header["X-Forwarded-For"]}
	for s.trusts(hop) {
		entry, more := entries.next()
		if !more {
			break
		}
		next, ok := parseIP(entry)
		if !ok {
			break
		}
		hop = next
	}
	return hop.String()
}

// hops walks the entries of X-Forwarded-For from the nearest proxy outwards. It
// looks at no more of them than it is asked for, however many there are.
type hops struct {
	lines []string
	rest  string // of the line that was begun
	begun bool
}

func (h *hops) next() (entry string, more bool) {
	if !h.begun {
		if len(h.lines) == 0 {
			return "", false
		}
		last := len(h.lines) - 1
		h.rest, h.lines, h.begun = h.lines[last], h.lines[:last], true
	}
	comma := strings.LastIndexByte(h.rest, ',')
	entry = strings.TrimSpace(h.rest[comma+1:])
	if h.begun = comma >= 0; h.begun {
		h.rest = h.rest[:comma]
	}
	return entry, true
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

// parseIP takes an address with or without a port, one of IPv6 with or without
// brackets. Its zone is dropped: it means nothing to anybody else.
func parseIP(text string) (netip.Addr, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return addr.Unmap().WithZone(""), true
	}
	if addr, err := netip.ParseAddrPort(text); err == nil {
		return addr.Addr().Unmap().WithZone(""), true
	}
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	addr, err := netip.ParseAddr(inner)
	if err != nil || !opened || !closed || addr.Is4() {
		return netip.Addr{}, false
	}
	return addr.Unmap().WithZone(""), true
}
