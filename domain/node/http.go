package node

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// httpType calls an HTTP server. Data: method, url, headers, query, body,
// timeout, retries, expect, as. The result is {status, headers, body}.
func httpType() Type { return Type{Name: "http", Compile: compileHTTP} }

type httpCall struct {
	method  string
	url     payload.Expression
	headers payload.Pattern
	query   payload.Pattern
	body    payload.Pattern
	hasBody bool
	timeout time.Duration
	retries int
	expect  statusSet
	as      string
}

func compileHTTP(d Definition) (Compiled, fault.List) {
	f := read(d)
	h := httpCall{
		method:  strings.ToUpper(f.text("method")),
		timeout: f.duration("timeout"),
		retries: f.number("retries", 0, 0, 10),
		as:      f.text("as"),
	}
	f.requiredText("url")
	h.url = f.expression("url")
	h.headers = f.headerObject("headers")
	h.query = f.object("query")
	h.body, h.hasBody = f.pattern("body")
	var err error
	expect, _ := f.get("expect")
	if h.expect, err = parseStatusSet(expect); err != nil {
		f.wrong("expect", "%s", fault.As(err).Message)
	}
	if h.method == "" {
		h.method = "GET"
		if h.hasBody {
			h.method = "POST"
		}
	}
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, h.method) {
		f.wrong("method", "%q is not an HTTP method that can be sent", h.method)
	}
	return Compiled{Executor: h}, f.faults
}

func (h httpCall) Plan(in Input) (Step, error) {
	scope := in.Scope()
	target, err := h.target(scope)
	if err != nil {
		return Step{}, fault.As(err).AtField("data.url")
	}
	r := HTTPRequest{Method: h.method, URL: target, Timeout: h.timeout, Retries: h.retries}
	if r.Header, err = headers(h.headers, scope); err != nil {
		return Step{}, fault.As(err).AtField("data.headers")
	}
	if r.URL, err = h.withQuery(r.URL, scope); err != nil {
		return Step{}, fault.As(err).AtField("data.query")
	}
	if h.hasBody {
		body, err := h.body.Render(scope)
		if err != nil {
			return Step{}, fault.As(err).AtField("data.body")
		}
		encodeBody(&r, body)
	}
	return ask(r)
}

// encodeBody sends a text as it is, an object as form fields when the headers
// say so, and everything else as JSON.
func encodeBody(r *HTTPRequest, body payload.Value) {
	contentType := headerValue(r.Header, "Content-Type")
	switch {
	case body.Kind() == payload.String:
		r.Body = []byte(body.String())
		return
	case body.Kind() == payload.Object && strings.HasPrefix(contentType, "application/x-www-form-urlencoded"):
		form := url.Values{}
		for name, value := range body.Fields() {
			form[name] = oneOrMany(value)
		}
		r.Body = []byte(form.Encode())
		return
	}
	r.Body = body.Bytes()
	if contentType == "" {
		r.Header = append(r.Header, Header{"Content-Type", "application/json"})
	}
}

func headerValue(lines []Header, name string) string {
	for _, h := range lines {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func (h httpCall) Settle(in Input, r Result) (Step, error) {
	res, ok := r.(HTTPResult)
	if !ok {
		return unexpected(r)
	}
	if !h.expect.has(res.Status) {
		f := fault.New(fault.Upstream, "the server answered status %d; data.expect allows %s", res.Status, h.expect)
		f.Status = res.Status
		return Step{}, f
	}
	answer, err := httpAnswer(res)
	if err != nil {
		return Step{}, err
	}
	return finish(Outcome{Payload: keepAs(h.as, in.Payload, answer)})
}
