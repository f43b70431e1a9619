package config

import (
	"encoding/base64"
	"encoding/hex"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// judges are the checks a tag may name. Each returns what a value must be when
// it is not; it never repeats the value.
func judges() map[string]func(string) string {
	return map[string]func(string) string{
		"hostport": judgeHostPort,
		"remote":   judgeRemote,
		"port":     judgePort,
		"networks": judgeNetwork,
		"hosts":    judgeHost,
		"path":     judgePath,
		"paths":    judgePath,
		"regexp":   judgeRegexp,
		"key32":    judgeKey,
		"mailbox":  judgeMailbox,
		"token":    judgeToken,
		"url":      judgeURL,
		"origin":   judgeOrigin,
		"program":  judgeProgram,
		"sha256":   judgeDigest,
		"ed25519":  judgePublicKey,

		"keyprefix": judgeKeyPrefix,
	}
}

func judgeHostPort(s string) string {
	if _, port, err := net.SplitHostPort(s); err != nil || !isPort(port, 0) {
		return `must be an address and a port, such as "127.0.0.1:8080"`
	}
	return ""
}

// judgeRemote is judgeHostPort for a server to connect to.
func judgeRemote(s string) string {
	if host, port, err := net.SplitHostPort(s); err != nil || !isPort(port, 1) || strings.ContainsAny(host, "/@ ") {
		return `must hold the address and the port of a server, such as "localhost:6379"`
	}
	return ""
}

func judgePort(s string) string {
	if !isPort(s, 1) {
		return "must be a port from 1 to 65535"
	}
	return ""
}

func isPort(s string, least uint64) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n >= least
}

func judgeNetwork(s string) string {
	if _, ok := Network(s); ok {
		return ""
	}
	return "must hold IP addresses or CIDR ranges, such as 10.0.0.0/8"
}

// Network reads a CIDR range, or an address as the range that holds it alone.
// IPv4 written as IPv6 becomes IPv4, as the addresses of clients do.
func Network(s string) (netip.Prefix, bool) {
	const mapped = 96 // bits in front of an IPv4 address in IPv6
	if prefix, err := netip.ParsePrefix(s); err == nil {
		if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= mapped {
			prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-mapped)
		}
		return prefix, true
	}
	addr, err := netip.ParseAddr(s)
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, addr.BitLen()), err == nil
}

func judgeHost(s string) string {
	if _, err := policy.NewEgress([]string{s}, nil, false); err != nil {
		return "must hold host names, *.suffix, IP addresses or CIDR ranges"
	}
	return ""
}

func judgePath(s string) string {
	if !strings.HasPrefix(s, "/") || strings.ContainsAny(s, "?# ") {
		return "must be a path that starts with /"
	}
	return ""
}

func judgeProgram(s string) string {
	if !filepath.IsAbs(s) || filepath.Clean(s) != s {
		return "must hold absolute paths of programs, such as /usr/bin/convert"
	}
	return ""
}

func judgeURL(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "must be an address such as https://flows.example.com"
	}
	return ""
}

// judgeOrigin takes what the HTTP server compares with what browsers send.
func judgeOrigin(s string) string {
	u, err := url.Parse(s)
	if judgeURL(s) != "" || err != nil || u.Path != "" || u.Hostname() == "" || strings.Contains(u.Host, "*") || strings.HasSuffix(u.Host, ":") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "#") {
		return "must hold origins such as https://shop.example.com, without a path"
	}
	return ""
}

// judgeKeyPrefix leaves braces to the names of keys: a cluster places keys by
// what stands in them.
func judgeKeyPrefix(s string) string {
	unfit := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError }
	if strings.ContainsAny(s, "{}") || strings.ContainsFunc(s, unfit) {
		return "must hold no spaces, control characters or braces"
	}
	return ""
}

func judgeRegexp(s string) string {
	if _, err := regexp.Compile(s); err != nil {
		return "must be a regular expression (RE2 syntax)"
	}
	return ""
}

func judgeToken(s string) string {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	if strings.Trim(s, allowed) != "" {
		return "must consist of letters, digits, _ and -"
	}
	return ""
}

func judgeMailbox(s string) string {
	if _, err := mail.ParseAddress(s); err != nil {
		return "must be a mail address, such as nFlow <nflow@example.com>"
	}
	return ""
}

// judgeKey accepts 32 bytes in one of the forms people keep keys in.
func judgeKey(s string) string {
	const size = 32
	if len(s) == size {
		return ""
	}
	if raw, err := hex.DecodeString(s); err == nil && len(raw) == size {
		return ""
	}
	unpadded := strings.TrimRight(s, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if raw, err := encoding.DecodeString(unpadded); err == nil && len(raw) == size {
			return ""
		}
	}
	return "must be 32 bytes, as base64 (44 characters), as 64 hexadecimal digits or as they are"
}

func judgeDigest(s string) string {
	const size = 32
	if raw, err := hex.DecodeString(s); err != nil || len(raw) != size {
		return "must be a SHA-256 digest, 64 hexadecimal digits"
	}
	return ""
}

func judgePublicKey(s string) string {
	if _, ok := publicKey(s); !ok {
		return "must be an ed25519 public key, 32 bytes as base64 (44 characters), as nflow plugin keygen prints it"
	}
	return ""
}
