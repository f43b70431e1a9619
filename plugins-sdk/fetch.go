package plugin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// FetchRequest is an HTTP request.
type FetchRequest struct {
	Method  string // empty = GET
	URL     string
	Headers map[string]string
	Body    []byte
	Timeout time.Duration // 0 = what is left of the call
}

// FetchResponse is what the server answered, whatever its status.
type FetchResponse struct {
	Status  int
	Headers map[string]string
	Body    []byte
}

// JSON decodes the body into what into points to.
func (r *FetchResponse) JSON(into any) error {
	if err := json.Unmarshal(r.Body, into); err != nil {
		return Errorf(Unavailable, "the server's answer (status %d) does not fit: %v", r.Status, err)
	}
	return nil
}

// Fetch makes an HTTP request, which needs the capability http for the host of
// the URL and of every redirect. Unavailable and DeadlineExceeded tell of servers
// that cannot be reached.
func (h Host) Fetch(ctx context.Context, r FetchRequest) (*FetchResponse, error) {
	args := map[string]any{"url": r.URL}
	if r.Method != "" {
		args["method"] = r.Method
	}
	if len(r.Headers) > 0 {
		args["headers"] = r.Headers
	}
	if r.Timeout > 0 {
		args["timeout_ms"] = max(1, r.Timeout.Milliseconds())
	}
	switch {
	case len(r.Body) == 0:
	case utf8.Valid(r.Body):
		args["body"] = string(r.Body)
	default:
		args["body_base64"] = base64.StdEncoding.EncodeToString(r.Body)
	}
	var answer struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
		Base64  []byte            `json:"body_base64"`
	}
	if err := h.Call(ctx, string(wire.HTTP), args, &answer); err != nil {
		return nil, err
	}
	out := &FetchResponse{Status: answer.Status, Headers: answer.Headers, Body: []byte(answer.Body)}
	if answer.Base64 != nil {
		out.Body = answer.Base64
	}
	return out, nil
}
