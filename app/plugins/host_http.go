package plugins

import (
	"context"
	"encoding/base64"
	"time"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// fetchArgs are the arguments of http.fetch.
type fetchArgs struct {
	Method     string            `json:"method"`
	URL        string            `json:"url"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	BodyBase64 string            `json:"body_base64"`
	TimeoutMS  int64             `json:"timeout_ms"`
}

// fetch calls an HTTP server that the plugin may call, wherever it redirects to,
// under the egress policy that binds everybody.
func (h *host) fetch(ctx context.Context, args payload.Value) (payload.Value, error) {
	var a fetchArgs
	if err := args.Decode(&a); err != nil {
		return payload.Value{}, err
	}
	if err := h.gen.rights.PermitURL(a.URL); err != nil {
		return payload.Value{}, err
	}
	r := node.HTTPRequest{
		Method: a.Method, URL: a.URL, Body: []byte(a.Body), OnlyHosts: h.gen.rights.Hosts(),
		MaxBytes: h.gen.settings.MaxPayload, Timeout: time.Duration(max(a.TimeoutMS, 0)) * time.Millisecond,
	}
	if a.BodyBase64 != "" {
		body, err := base64.StdEncoding.DecodeString(a.BodyBase64)
		if err != nil {
			return payload.Value{}, fault.New(fault.Malformed, "is not base64").AtField("body_base64")
		}
		r.Body = body
	}
	for name, value := range a.Headers {
		r.Header = append(r.Header, node.Header{Name: name, Value: value})
	}
	answer, err := h.deps.HTTP.Do(ctx, r)
	if err != nil {
		return payload.Value{}, err
	}
	headers := map[string]string{}
	for _, line := range answer.Header {
		if earlier, twice := headers[line.Name]; twice {
			line.Value = earlier + ", " + line.Value
		}
		headers[line.Name] = line.Value
	}
	result := map[string]any{"status": answer.Status, "headers": headers}
	if utf8.Valid(answer.Body) {
		result["body"] = string(answer.Body)
	} else {
		result["body_base64"] = base64.StdEncoding.EncodeToString(answer.Body)
	}
	return payload.From(result)
}
