package egress

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func (c *Client) newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  nil, // the environment of the process is not the workflow's
		DialContext:            c.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.cfg.RootCAs},
		TLSHandshakeTimeout:    c.cfg.DialTimeout,
		ForceAttemptHTTP2:      true, // a dialer of one's own would switch it off
		MaxIdleConns:           c.cfg.MaxIdleConns,
		MaxIdleConnsPerHost:    c.cfg.MaxIdleConnsPerHost,
		MaxConnsPerHost:        c.cfg.MaxConnsPerHost,
		IdleConnTimeout:        c.cfg.IdleTimeout,
		MaxResponseHeaderBytes: c.cfg.MaxHeaderBytes,
		ExpectContinueTimeout:  time.Second,
	}
}

// dial connects to host:port, judging each address the name resolves to after
// it was resolved and before anything is sent to it.
func (c *Client) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{
		Timeout:  c.cfg.DialTimeout,
		Resolver: c.cfg.Resolver,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return c.permit(host, address)
		},
	}
	return d.DialContext(ctx, network, hostPort)
}

func (c *Client) permit(host, address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fault.Wrap(err, fault.Forbidden, "the host %q resolved to something that is not an address", host)
	}
	for _, addr := range meanings(ap.Addr()) {
		if err := c.cfg.Policy.PermitAddr(host, addr); err != nil {
			return err
		}
	}
	return nil
}

// meanings are the addresses that may be reached by dialling a: itself and,
// where a gateway would unpack it (NAT64, 6to4, IPv4-compatible), the IPv4
// address inside. A zone is dropped because no range matches an address with
// one.
func meanings(a netip.Addr) []netip.Addr {
	a = a.WithZone("").Unmap()
	if a.Is4() {
		return []netip.Addr{a}
	}
	b := a.As16()
	switch {
	case hasPrefix(b, 0x00, 0x64, 0xff, 0x9b): // 64:ff9b::/96 and 64:ff9b:1::/48
		return []netip.Addr{a, netip.AddrFrom4([4]byte(b[12:]))}
	case hasPrefix(b, 0x20, 0x02): // 2002::/16
		return []netip.Addr{a, netip.AddrFrom4([4]byte(b[2:6]))}
	case hasPrefix(b, make([]byte, 12)...) && !a.IsLoopback() && !a.IsUnspecified():
		return []netip.Addr{a, netip.AddrFrom4([4]byte(b[12:]))}
	}
	return []netip.Addr{a}
}

func hasPrefix(b [16]byte, prefix ...byte) bool {
	return string(b[:len(prefix)]) == string(prefix)
}
