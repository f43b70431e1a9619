package http

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// CrossOrigin is what pages of other sites may make a visitor's browser do in
// the visitor's name. The zero CrossOrigin protects and trusts nobody.
type CrossOrigin struct {
	Off bool
	// Trusted are origins such as https://shop.example.com, without a path.
	Trusted []string
}

// origins judges requests by what browsers say of the page behind them.
type origins struct {
	off     bool
	std     *http.CrossOriginProtection
	trusted map[string]bool
}

// newOrigins fails with code invalid for an origin that is none.
func newOrigins(c CrossOrigin) (*origins, error) {
	o := &origins{off: c.Off, std: http.NewCrossOriginProtection(), trusted: make(map[string]bool)}
	for _, text := range c.Trusted {
		origin, ok := parseOrigin(text)
		if !ok {
			return nil, fault.New(fault.Invalid, "%q is not an origin such as https://shop.example.com, without a path", text).
				AtField("auth.trusted_origins")
		}
		if err := o.std.AddTrustedOrigin(origin); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "%q is not an origin", text).AtField("auth.trusted_origins")
		}
		o.trusted[origin] = true
	}
	return o, nil
}

// parseOrigin returns an origin as browsers spell it: in lower case and without
// the port that goes without saying.
func parseOrigin(text string) (string, bool) {
	u, err := url.Parse(strings.ToLower(text))
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "" {
		return "", false
	}
	host := u.Host
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	default:
		return "", false
	}
	return u.Scheme + "://" + host, true
}

// check refuses, with code forbidden, what another site makes the browser of a
// visitor with a session do: everything but reading, and links that send on a
// form that waits. Clients that are no browsers say nothing of where they come
// from and pass.
//
// Browsers keep a SameSite=Lax cookie from the requests that another site posts,
// so the visitor may have a session although none came along. Such a request has
// no authority to abuse, but its answer would replace that session: it passes,
// marked as foreign, and the answer must leave the session cookie alone.
func (o *origins) check(r *http.Request, in *ports.Inbound) (foreign bool, err error) {
	if o.off {
		return false, nil
	}
	if err := o.std.Check(r); err != nil {
		if in.SessionID == "" {
			return true, nil
		}
		return true, fault.Wrap(err, fault.Forbidden,
			"this request comes from a page of another site and carries a visitor's session; if that site may send it, add its origin to auth.trusted_origins")
	}
	if in.SessionID != "" && continues(in) && linked(r) && !o.linkedByTrusted(r) {
		return true, fault.New(fault.Forbidden,
			"this link goes on with a visitor's form and comes from a page of another site; if that site may do so, add its origin to auth.trusted_origins")
	}
	return false, nil
}

// linked reports whether a browser says that a page of another origin, if only
// of another host of the domain, is behind a request.
func linked(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none": // none = typed, or a bookmark
		return false
	default:
		return true
	}
}

// continues reports whether the path or the query names the node at which a
// parked run goes on. It would rather see one too many than one too few.
func continues(in *ports.Inbound) bool {
	return flow.ReadContinuation(in.Path).Node != "" || strings.Contains(in.RawQuery, flow.NextField)
}

// linkedByTrusted reports whether the page behind a link is one of a trusted
// origin. Links have no Origin; browsers name the page's in Referer unless the
// page forbids it, and no page can name another's.
func (o *origins) linkedByTrusted(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" {
		return o.trusted[origin]
	}
	page, err := url.Parse(r.Referer())
	return err == nil && o.trusted[page.Scheme+"://"+page.Host]
}
