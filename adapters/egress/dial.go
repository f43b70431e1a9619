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
	return c.cfg.Policy.PermitAddr(host, ap.Addr())
}
