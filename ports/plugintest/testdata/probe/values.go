package main

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// counter shows which calls share an instance.
var counter atomic.Int64

// values are functions that give something back.
func values() []plugin.Function {
	return []plugin.Function{
		plugin.FunctionOf1("echo", "its argument", func(_ context.Context, v json.RawMessage) (json.RawMessage, error) { return v, nil }).
			WithExamples(plugin.Example{Payload: []any{"á"}, Result: "á"}),
		{Name: "sum", Description: "the sum of its arguments", Run: func(_ context.Context, args []json.RawMessage) (any, error) {
			total := 0.0
			for _, a := range args {
				var n float64
				if err := json.Unmarshal(a, &n); err != nil {
					return nil, plugin.Errorf(plugin.InvalidArgument, "not a number: %s", a)
				}
				total += n
			}
			return total, nil
		}},
		plugin.FunctionOf1("big", "a text of n bytes", func(_ context.Context, n int) (string, error) {
			return strings.Repeat("x", n), nil
		}),
		plugin.FunctionOf0("state", "how often it was called in this instance", func(context.Context) (int64, error) {
			return counter.Add(1), nil
		}),
		plugin.FunctionOf0("configured", "the settings", func(context.Context) (settings, error) { return configured, nil }),
		plugin.FunctionOf0("call", "who calls", func(ctx context.Context) (plugin.Call, error) { return plugin.CallFrom(ctx), nil }),
		plugin.FunctionOf0("deadline", "whether there is one", func(ctx context.Context) (bool, error) {
			_, found := ctx.Deadline()
			return found, nil
		}),
	}
}

type fireParams struct {
	Next string     `json:"next,omitempty"`
	Emit []emission `json:"emit,omitempty"`
}

type emission struct {
	Payload any    `json:"payload"`
	Next    string `json:"next,omitempty"`
}

func nodes() []plugin.Node {
	return []plugin.Node{
		plugin.NodeOf("fire", "gives the payload back as its parameters say", func(ctx context.Context, p fireParams, payload json.RawMessage) (json.RawMessage, error) {
			for _, e := range p.Emit {
				if err := plugin.Emit(ctx, e.Payload, e.Next); err != nil {
					return nil, err
				}
			}
			plugin.Next(ctx, p.Next)
			return payload, nil
		}).WithOutputs("output_1", "output_2"),
		plugin.NodeOf("who", "who calls", func(ctx context.Context, _ struct{}, _ any) (plugin.Call, error) {
			return plugin.CallFrom(ctx), nil
		}),
	}
}

func actions() []plugin.Action {
	return []plugin.Action{
		plugin.ActionOf("json", "what it was sent", func(ctx context.Context, body json.RawMessage) (any, error) {
			r := plugin.RequestFrom(ctx)
			return map[string]any{"body": body, "query": r.Query, "headers": r.Headers, "type": r.ContentType, "caller": r.Caller}, nil
		}),
		{Name: "bytes", Description: "the bytes it was sent", Run: func(_ context.Context, r *plugin.Request) (any, error) {
			return &plugin.Reply{Body: r.Body, ContentType: "application/x-probe"}, nil
		}},
		plugin.ActionOf("status", "a response in full", func(_ context.Context, status int) (plugin.Reply, error) {
			return plugin.Reply{Status: status, Headers: map[string]string{"X-Probe": "yes"}, JSON: "made"}, nil
		}),
	}
}
