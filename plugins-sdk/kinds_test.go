package plugin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// The types of the plugin that the tests call.
type (
	everything struct {
		Text     string            `json:"text" jsonschema:"a text"`
		Number   float64           `json:"number,omitempty"`
		Small    uint8             `json:"small,omitempty"`
		Flag     *bool             `json:"flag,omitempty"`
		List     []inner           `json:"list,omitempty"`
		Map      map[string]inner  `json:"map,omitempty"`
		Bytes    []byte            `json:"bytes,omitempty"`
		Raw      json.RawMessage   `json:"raw,omitempty"`
		Any      any               `json:"any,omitempty"`
		Time     time.Time         `json:"time,omitzero"`
		Nested   *inner            `json:"nested,omitempty"`
		Duration map[string]string `json:"duration,omitempty"`
	}
	inner struct {
		Must string `json:"must"`
	}
)

// kinds is a plugin with a member of every kind.
func kinds() *plugin.Plugin {
	return &plugin.Plugin{
		Name: "kinds", Version: "1.0.0", Description: "for tests",
		Capabilities: plugin.Capabilities{KV: []string{"space"}, HTTP: []string{"*.example.com"}},
		Optional:     plugin.Capabilities{Secret: []string{"key"}},
		Nodes: []plugin.Node{
			plugin.NodeOf("same", "", func(ctx context.Context, p everything, v everything) (everything, error) {
				plugin.Next(ctx, p.Text)
				return v, nil
			}).WithOutputs("output_1", "output_2"),
			plugin.NodeOf("emit", "", func(ctx context.Context, _ struct{}, list []any) (any, error) {
				for i, v := range list {
					if err := plugin.Emit(ctx, v, fmt.Sprint("output_", i)); err != nil {
						return nil, err
					}
				}
				return "last", nil
			}),
			plugin.NodeOf("unencodable", "", func(ctx context.Context, _ struct{}, _ any) (any, error) {
				if err := plugin.Emit(ctx, make(chan int), ""); err == nil {
					return nil, fmt.Errorf("a channel was emitted")
				}
				return make(chan int), nil
			}),
		},
		Functions: []plugin.Function{
			plugin.FunctionOf0("none", "", func(context.Context) (int, error) { return 1, nil }),
			plugin.FunctionOf1("one", "", func(_ context.Context, e everything) (everything, error) { return e, nil }),
			plugin.FunctionOf2("two", "", func(_ context.Context, a int, b *string) (string, error) {
				if b == nil {
					return fmt.Sprint(a), nil
				}
				return fmt.Sprint(a, *b), nil
			}),
			plugin.FunctionOf3("three", "", func(_ context.Context, a, b, c string) (string, error) { return a + b + c, nil }),
			{Name: "raw", Run: func(_ context.Context, args []json.RawMessage) (any, error) { return args, nil }},
			{Name: "empty", Run: func(context.Context, []json.RawMessage) (any, error) { return json.RawMessage(nil), nil }},
			{Name: "broken", Run: func(context.Context, []json.RawMessage) (any, error) { return json.RawMessage("{"), nil }},
		},
		Actions: []plugin.Action{
			plugin.ActionOf("typed", "", func(_ context.Context, e inner) (inner, error) { return e, nil }),
			plugin.ActionOf("reply", "", func(context.Context, any) (*plugin.Reply, error) {
				return &plugin.Reply{Status: 201, Headers: map[string]string{"X-A": "b"}, JSON: []int{1}}, nil
			}),
			{Name: "bytes", Run: func(_ context.Context, r *plugin.Request) (any, error) {
				return plugin.Reply{Body: r.Body, ContentType: r.ContentType}, nil
			}},
		},
	}
}
