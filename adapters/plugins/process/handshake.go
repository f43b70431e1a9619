package process

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/go-plugin"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// checker knows what a plugin must print first:
// CORE|PROTOCOL|NETWORK|ADDRESS|grpc|CERTIFICATE. go-plugin would accept more, and
// says less about what is wrong.
type checker struct {
	version   uint   // of the protocol
	tls       bool   // a certificate is expected
	socketDir string // where a socket must be
}

const quoteBytes = 100

// check reads the first line of a plugin.
func (c checker) check(line string) error {
	line = strings.TrimSpace(line)
	parts := strings.Split(line, "|")
	core, err := strconv.Atoi(parts[0])
	if err != nil || len(parts) < 5 {
		return fault.New(fault.Invalid, "it printed %q before it was ready; a plugin prints nothing of its own to standard output until plugins-sdk/process serves it", shorten(line, quoteBytes))
	}
	if core != plugin.CoreProtocolVersion {
		return fault.New(fault.Invalid, "it was built with another generation of go-plugin (%d, not %d); build it with the plugins-sdk of this nflow", core, plugin.CoreProtocolVersion)
	}
	if version, err := strconv.Atoi(parts[1]); err != nil || version < 0 || uint(version) != c.version {
		return fault.New(fault.Invalid, "it speaks version %s of the protocol, this nflow version %d; build it with the plugins-sdk of this nflow", shorten(parts[1], 20), c.version)
	}
	if parts[4] != string(plugin.ProtocolGRPC) {
		return fault.New(fault.Invalid, "it speaks %q instead of grpc; use plugins-sdk/process or a gRPC server", shorten(parts[4], 20))
	}
	certificate := len(parts) > 5 && parts[5] != ""
	if c.tls && !certificate {
		return fault.New(fault.Invalid, "it does not encrypt its socket, though PLUGIN_CLIENT_CERT asks for it; set plugins.no_tls = true if its language cannot")
	}
	if !c.tls && certificate {
		return fault.New(fault.Invalid, "it encrypts its socket though plugins.no_tls = true; remove the key")
	}
	return c.checkAddress(parts[2], parts[3])
}

// checkAddress refuses to be sent elsewhere.
func (c checker) checkAddress(network, address string) error {
	switch network {
	case "unix":
		if dir := filepath.Dir(filepath.Clean(address)); dir != filepath.Clean(c.socketDir) {
			return fault.New(fault.Invalid, "its socket is %q; it must be in the directory that PLUGIN_UNIX_SOCKET_DIR names", shorten(address, quoteBytes))
		}
		return nil
	case "tcp":
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return fault.New(fault.Invalid, "it listens at %q; only sockets in PLUGIN_UNIX_SOCKET_DIR and loopback addresses are called", shorten(address, quoteBytes))
		}
		if !c.tls {
			return fault.New(fault.Invalid, "it listens at a TCP port without encryption, which every user of this machine could call; it must listen at a socket in PLUGIN_UNIX_SOCKET_DIR")
		}
		return nil
	}
	return fault.New(fault.Invalid, "it listens at a network of the kind %q; unix is known", shorten(network, 20))
}
