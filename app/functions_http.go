package app

import (
	"context"
	"strconv"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// httpFunctions are http_get(url), http_post(url, body) and their likes, and the
// same with headers as the last argument. They give {body, status, status_code,
// header, err}; err is set when the server could not be reached. What the
// operator switched off or the egress list refuses is thrown.
func httpFunctions() map[string]hostCall {
	all := make(map[string]hostCall)
	for name, method := range map[string]string{"http_get": "GET", "http_delete": "DELETE"} {
		all[name] = callMethod(method, -1, -1)
		all[name+"_with_header"] = callMethod(method, -1, 1)
	}
	for name, method := range map[string]string{"http_post": "POST", "http_put": "PUT", "http_patch": "PATCH"} {
		all[name] = callMethod(method, 1, -1)
		all[name+"_with_header"] = callMethod(method, 1, 2)
	}
	return all
}

// callMethod makes a function that takes the URL first, and the body and headers
// at the given positions; -1 = not at all.
func callMethod(method string, bodyAt, headerAt int) hostCall {
	return func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
		if err := h.cfg.Features.RequireNetwork(a.function); err != nil {
			return payload.Value{}, err
		}
		target, err := a.required(0, "url")
		if err != nil {
			return payload.Value{}, err
		}
		r := node.HTTPRequest{Method: method, URL: target}
		if bodyAt >= 0 {
			r.Body = []byte(a.text(bodyAt))
		}
		if headerAt >= 0 {
			lines, err := a.object(headerAt, "headers")
			if err != nil {
				return payload.Value{}, err
			}
			r.Header = headerLines(lines)
		}
		return h.fetch(ctx, r)
	}
}

func (h *scriptHost) fetch(ctx context.Context, r node.HTTPRequest) (payload.Value, error) {
	result, err := h.callHTTP(ctx, r)
	if err != nil {
		f := fault.As(err)
		if f.Code != fault.Upstream && f.Code != fault.UpstreamTimeout {
			return payload.Value{}, err
		}
		return payload.From(map[string]any{"body": "", "status": "", "status_code": 0, "header": map[string]any{}, "err": f.Message})
	}
	answer := result.(node.HTTPResult) //nolint:forcetypeassert // callHTTP gives nothing else
	lines := map[string][]string{}
	for _, line := range answer.Header {
		lines[line.Name] = append(lines[line.Name], line.Value)
	}
	return payload.From(map[string]any{
		"body":        validText(answer.Body),
		"status":      strconv.Itoa(answer.Status) + " " + answer.Reason,
		"status_code": answer.Status,
		"header":      lines,
		"err":         nil,
	})
}

// validText is bytes as a text that JSON can hold.
func validText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return string([]rune(string(b)))
}
