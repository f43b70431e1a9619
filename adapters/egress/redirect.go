package egress

import (
	"net/http"
	"net/url"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// checkRedirect judges each redirect as if it were a call of its own. What the
// caller sent to prove who they are stays with the origin they called: once a
// redirect has left it, it is not sent again, not even on the way back.
func (c *Client) checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > c.cfg.MaxRedirects {
		return fault.New(fault.Upstream, "%s redirects more than %d times", origin(via[0].URL), c.cfg.MaxRedirects)
	}
	if err := checkURL(next.URL); err != nil {
		return fault.New(fault.Upstream, "%s redirects to something that is not an http or https URL", origin(via[0].URL))
	}
	only, _ := next.Context().Value(onlyHosts{}).([]string)
	if err := c.permitURL(next.URL, only); err != nil {
		return err
	}
	// The library tells the next server the whole previous URL, query included.
	if _, set := via[0].Header["Referer"]; !set {
		next.Header.Del("Referer")
	}
	for _, r := range append(via[1:len(via):len(via)], next) {
		if !sameOrigin(via[0].URL, r.URL) {
			dropSecrets(next.Header)
			// A Host header of the caller's names the server they called.
			next.Host = ""
			break
		}
	}
	return nil
}

// onlyHosts is the key of the hosts that a request may be redirected to.
type onlyHosts struct{}

// permitURL judges a host before it is resolved: by the list of the caller, if
// it has one, and by the policy.
func (c *Client) permitURL(u *url.URL, only []string) error {
	if len(only) > 0 && !plugin.PermitsURL(only, u) {
		return fault.New(fault.Forbidden, "the host %q was not granted", u.Hostname())
	}
	return c.cfg.Policy.PermitHost(u.Hostname())
}

func dropSecrets(h http.Header) {
	for _, name := range []string{"Authorization", "Cookie", "Cookie2", "Proxy-Authorization", "Www-Authenticate", "Referer"} {
		h.Del(name)
	}
}

// sameOrigin reports whether b may know what was sent to a: the same scheme,
// host and port, or the same host with plain HTTP upgraded to HTTPS on the
// standard ports.
func sameOrigin(a, b *url.URL) bool {
	if a.Hostname() != b.Hostname() {
		return false
	}
	if a.Scheme == b.Scheme {
		return port(a) == port(b)
	}
	return a.Scheme == "http" && port(a) == "80" && port(b) == "443"
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}
