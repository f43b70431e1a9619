package main

import (
	"context"
	"encoding/json"
	"strconv"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// pngAction answers with a picture. What to draw comes as JSON, or in the query.
func pngAction() plugin.Action {
	a := plugin.ActionOf("png", "Answers with a PNG of the text's QR code. The fields may also come in the query: ?text=hello&size=300&level=Q",
		func(_ context.Context, d drawing) (plugin.Reply, error) {
			c, err := encode(d)
			if err != nil {
				return plugin.Reply{}, err
			}
			picture, err := c.png()
			return plugin.Reply{Body: picture, ContentType: "image/png"}, err
		}).WithExamples(
		plugin.Example{Payload: drawing{Text: "https://example.com"}},
		plugin.Example{Payload: drawing{Text: "hello", Size: 100, Level: "L"}},
	)
	fromBody := a.Run
	a.Run = func(ctx context.Context, r *plugin.Request) (any, error) {
		if len(r.Body) > 0 && !r.IsJSON {
			return fromBody(ctx, r) // which says what it takes
		}
		return fromBody(ctx, withQuery(r))
	}
	return a
}

// withQuery puts the query into the body, where it is checked as if it had come
// there.
func withQuery(r *plugin.Request) *plugin.Request {
	fields := map[string]json.RawMessage{}
	if r.IsJSON && json.Unmarshal(r.Body, &fields) != nil {
		return r // no object
	}
	if fields == nil {
		fields = map[string]json.RawMessage{}
	}
	for name, values := range r.Query {
		if len(values) == 0 {
			continue
		}
		value := values[len(values)-1]
		if _, err := strconv.Atoi(value); err == nil && name == "size" {
			fields[name] = json.RawMessage(value)
			continue
		}
		if text, err := json.Marshal(value); err == nil {
			fields[name] = text
		}
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return r
	}
	merged := *r
	merged.Body, merged.IsJSON = body, true
	return &merged
}
