package http

import (
	"net/http"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// read completes what head began: the body, and the fields of a form body.
func (ex *exchange) read(in *ports.Inbound) error {
	var err error
	if in.Body, err = ex.body(); err != nil {
		return err
	}
	return ex.s.parseForm(in)
}

// head is a request in the form the runtime takes, without its body.
func (ex *exchange) head() (*ports.Inbound, error) {
	r := ex.r
	if r.Method == http.MethodConnect {
		return nil, fault.New(fault.MethodNotAllowed, "this server is not a proxy")
	}
	path, err := decodedPath(r.URL.EscapedPath(), r.URL.Path)
	if err != nil {
		return nil, err
	}
	scheme := ex.s.scheme(r)
	in := &ports.Inbound{
		Method:   r.Method,
		Path:     path,
		RawQuery: r.URL.RawQuery,
		Scheme:   scheme,
		Host:     r.Host,
		RealIP:   ex.client(),
		PeerIP:   peerIP(r),
		Header:   r.Header,
	}
	in.SessionID = ex.s.takeSession(r, scheme == "https")
	return in, nil
}

// decodedPath decodes a path segment by segment: a slash that was sent as %2F is
// part of its segment and stays spelled %2F, so that routes never split there.
// Control characters and bytes that are not UTF-8 are code malformed: nobody
// sends them in good faith, and not every reader downstream is ready for them.
func decodedPath(escaped, decoded string) (string, error) {
	if decoded == "" {
		return "/", nil
	}
	if !isPlain(decoded) {
		return "", fault.New(fault.Malformed, "the path holds control characters or bytes that are not UTF-8")
	}
	if len(escaped) == len(decoded) || !hasEscapedSlash(escaped) {
		return decoded, nil
	}
	return decodeKeepingSlashes(escaped), nil
}

func hasEscapedSlash(escaped string) bool {
	return strings.Contains(escaped, "%2F") || strings.Contains(escaped, "%2f")
}

// decodeKeepingSlashes decodes a path whose escapes are known to be valid.
func decodeKeepingSlashes(escaped string) string {
	b := make([]byte, 0, len(escaped))
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '%' {
			b = append(b, escaped[i])
			continue
		}
		c := unhex(escaped[i+1])<<4 | unhex(escaped[i+2])
		i += 2
		if c == '/' {
			b = append(b, "%2F"...)
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	default:
		return c - '0'
	}
}
