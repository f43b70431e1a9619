package egress

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

var errTryTimeout = errors.New("the try took too long")

// call is a checked request, ready to be tried several times.
type call struct {
	method   string
	url      *url.URL
	header   http.Header
	host     string // overrides the Host header when set
	body     []byte
	timeout  time.Duration
	maxBytes int
	retries  int
	only     []string // hosts that may be called; empty = all the policy permits
}

// prepare checks a request and judges its host.
func (c *Client) prepare(r node.HTTPRequest) (call, error) {
	out := call{
		method: strings.ToUpper(r.Method), body: r.Body,
		timeout:  or(r.Timeout, c.cfg.DefaultTimeout),
		maxBytes: or(r.MaxBytes, c.cfg.DefaultMaxBytes),
		only:     r.OnlyHosts,
	}
	if out.method == "" {
		out.method = http.MethodGet
	}
	if !isToken(out.method) || out.method == http.MethodConnect || out.method == http.MethodTrace {
		return out, fault.New(fault.Invalid, "%q is not a method that can be used", r.Method)
	}
	if idempotent(out.method) {
		out.retries = min(max(r.Retries, 0), c.cfg.MaxRetries)
	}
	var err error
	if out.url, err = parseURL(r.URL); err != nil {
		return out, err
	}
	if err := c.permitURL(out.url, out.only); err != nil {
		return out, err
	}
	if out.header, out.host, err = c.header(r.Header); err != nil {
		return out, err
	}
	return out, permitName(out)
}

// permitName judges a Host header as if it stood in the URL: one address may
// serve many hosts, and a caller bound to some shall not reach the others.
func permitName(in call) error {
	named := url.URL{Scheme: in.url.Scheme, Host: in.host}
	if len(in.only) > 0 && in.host != "" && !plugin.PermitsURL(in.only, &named) {
		return fault.New(fault.Forbidden, "the host %q in the header Host was not granted", in.host)
	}
	return nil
}

// header builds the request header. It fails with code invalid, naming the
// header but not its value, which may be a secret.
func (c *Client) header(lines []node.Header) (header http.Header, host string, err error) {
	header = make(http.Header, len(lines)+1)
	for _, line := range lines {
		if !isToken(line.Name) {
			return nil, "", fault.New(fault.Invalid, "%q is not a header name", line.Name)
		}
		if strings.ContainsFunc(line.Value, isControl) {
			return nil, "", fault.New(fault.Invalid, "the value of the header %s holds a control character", line.Name)
		}
		if strings.EqualFold(line.Name, "Host") {
			host = line.Value
			continue
		}
		header.Add(line.Name, line.Value)
	}
	if _, set := header["User-Agent"]; !set {
		header.Set("User-Agent", c.cfg.UserAgent)
	}
	return header, host, nil
}

// try makes the call once, redirects included.
func (c *Client) try(ctx context.Context, in call) (node.HTTPResult, error) {
	tryCtx, cancel := context.WithTimeoutCause(ctx, in.timeout, errTryTimeout)
	defer cancel()
	tryCtx = context.WithValue(tryCtx, onlyHosts{}, in.only)
	req, err := http.NewRequestWithContext(tryCtx, in.method, in.url.String(), bytes.NewReader(in.body))
	if err != nil {
		return node.HTTPResult{}, fault.New(fault.Invalid, "the request cannot be made: check its method and URL")
	}
	req.Header = in.header.Clone()
	req.Host = in.host
	res, err := c.http.Do(req)
	if err != nil {
		return node.HTTPResult{}, c.callFault(ctx, tryCtx, in, err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusSwitchingProtocols {
		return node.HTTPResult{}, fault.New(fault.Upstream, "%s wants to switch protocols", origin(in.url))
	}
	body, err := readBody(res, in.maxBytes)
	if err != nil {
		return node.HTTPResult{}, c.callFault(ctx, tryCtx, in, err)
	}
	return node.HTTPResult{
		Status: res.StatusCode, Reason: reason(res), Header: lines(res.Header), Body: body,
	}, nil
}

func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return true
	default:
		return false
	}
}
