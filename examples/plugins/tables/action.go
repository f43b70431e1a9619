package main

import (
	"context"
	"encoding/json"
	"strconv"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// upload is a JSON body of convert: a table and how to read it.
type upload struct {
	file
	options
}

// sent is the key of a file that came as the body itself.
type sent struct{}

// convert answers an uploaded file with its rows. The body is the file itself,
// with options in the query; or JSON with everything.
func convert() plugin.Action {
	a := plugin.ActionOf("convert", "Answers an uploaded CSV or XLSX file with its rows. Options such as ?header=false&sheet=Sales go into the query.",
		func(ctx context.Context, u upload) (*table, error) {
			content, isSent := ctx.Value(sent{}).([]byte)
			if !isSent {
				var err error
				if content, err = u.bytes(); err != nil {
					return nil, err
				}
			}
			return read(ctx, content, u.options)
		}).WithExamples(plugin.Example{
		Payload: map[string]any{"text": "a,b\n1,x\n"},
		Result: map[string]any{
			"format": "csv", "delimiter": ",", "columns": []string{"a", "b"}, "row_count": 1,
			"rows": []any{map[string]any{"a": 1, "b": "x"}},
		},
	})
	fromJSON := a.Run
	a.Run = func(ctx context.Context, r *plugin.Request) (any, error) {
		if !r.IsJSON {
			if len(r.Body) == 0 {
				return nil, plugin.Errorf(plugin.InvalidArgument, "there is no table; send the file as the body")
			}
			ctx = context.WithValue(ctx, sent{}, r.Body)
		}
		return fromJSON(ctx, withQuery(r))
	}
	return a
}

// withQuery puts the options of the query into a JSON body, where they are
// checked as if they had come there.
func withQuery(r *plugin.Request) *plugin.Request {
	fields := map[string]json.RawMessage{}
	if r.IsJSON && (json.Unmarshal(r.Body, &fields) != nil || fields == nil) {
		return r // no object
	}
	for name, values := range r.Query {
		if len(values) == 0 {
			continue
		}
		value := values[len(values)-1]
		_, notNumber := strconv.Atoi(value)
		truth := (name == "header" || name == "types") && (value == "true" || value == "false")
		if truth || name == "max_rows" && notNumber == nil {
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
