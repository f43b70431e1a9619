package egress

import (
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// parseURL reads an absolute http or https URL. The fault shows no part of it:
// the text may hold a password or a key.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return nil, fault.New(fault.Invalid, "the URL cannot be parsed; it looks like https://host/path")
	}
	if err := checkURL(u); err != nil {
		return nil, err
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return fault.New(fault.Invalid, "the URL must begin with http:// or https://")
	}
	if u.Hostname() == "" {
		return fault.New(fault.Invalid, "the URL names no host")
	}
	return nil
}

// origin is what may be shown of a URL: scheme, host and port.
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// isToken reports whether s is a token of HTTP, such as a header name.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}

func isControl(r rune) bool { return (r < ' ' && r != '\t') || r == 0x7f }
