package plugin_test

import (
	"context"
	"errors"
	"fmt"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/plugintest"
)

// A function takes the arguments of the script that calls it:
// plugins.shop.price("book", 2).
func ExampleFunctionOf2() {
	price := plugin.FunctionOf2("price", "What some pieces cost.", func(_ context.Context, item string, pieces int) (float64, error) {
		if item != "book" {
			return 0, plugin.Errorf(plugin.NotFound, "there is no %s", item)
		}
		return 12.5 * float64(pieces), nil
	})
	shop := plugintest.New(&plugin.Plugin{Name: "shop", Version: "1.0.0", Functions: []plugin.Function{price}})

	out, _ := shop.Function(context.Background(), "price", "book", 2)
	fmt.Println(string(out.Payload))
	_, err := shop.Function(context.Background(), "price", "book", "two")
	fmt.Println(err)
	// Output:
	// 25
	// invalid_argument: args[1] is a string; it must be a whole number that fits int
}

// A node takes its fields and the payload, and chooses an output.
func ExampleNodeOf() {
	type params struct {
		Limit int `json:"limit" jsonschema:"the most that needs no approval"`
	}
	type order struct {
		Total int `json:"total"`
	}
	check := plugin.NodeOf("check", "Finds orders that somebody has to approve.", func(ctx context.Context, p params, o order) (order, error) {
		if o.Total > p.Limit {
			plugin.Next(ctx, "output_2")
		}
		return o, nil
	}).WithOutputs("output_1", "output_2")
	shop := plugintest.New(&plugin.Plugin{Name: "shop", Version: "1.0.0", Nodes: []plugin.Node{check}})

	out, _ := shop.Node(context.Background(), "check", params{Limit: 100}, order{Total: 250})
	fmt.Println(string(out.Payload), out.Next)
	// Output: {"total":250} output_2
}

// A node may fire several times.
func ExampleEmit() {
	split := plugin.NodeOf("split", "Fires once for each item.", func(ctx context.Context, _ struct{}, items []string) (any, error) {
		for _, item := range items {
			if err := plugin.Emit(ctx, item, "output_1"); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
	shop := plugintest.New(&plugin.Plugin{Name: "shop", Version: "1.0.0", Nodes: []plugin.Node{split}})

	out, _ := shop.Node(context.Background(), "split", nil, []string{"a", "b"})
	for _, e := range out.Emitted {
		fmt.Println(string(e.Payload), e.Next)
	}
	// Output:
	// "a" output_1
	// "b" output_1
}

// An action answers HTTP clients, with JSON or with bytes.
func ExampleReply() {
	badge := plugin.Action{Name: "badge", Description: "A picture.", Run: func(_ context.Context, r *plugin.Request) (any, error) {
		svg := fmt.Sprintf("<svg><text>%s</text></svg>", r.Query["text"][0])
		return plugin.Reply{Body: []byte(svg), ContentType: "image/svg+xml"}, nil
	}}
	shop := plugintest.New(&plugin.Plugin{Name: "shop", Version: "1.0.0", Actions: []plugin.Action{badge}})

	out, _ := shop.Action(context.Background(), "badge", plugintest.Request{Query: map[string][]string{"text": {"new"}}})
	fmt.Println(out.Status, out.Headers["Content-Type"], string(out.Body))
	// Output: 200 image/svg+xml <svg><text>new</text></svg>
}

// The host does what the manifest asks for and the operator grants.
func ExampleHostFrom() {
	visit := plugin.FunctionOf0("visit", "Counts its calls.", func(ctx context.Context) (int, error) {
		counts := plugin.HostFrom(ctx).KV("visits")
		n := 0
		if _, err := counts.Get(ctx, "all", &n); err != nil {
			return 0, err
		}
		n++
		return n, counts.Set(ctx, "all", n)
	})
	p := plugintest.New(&plugin.Plugin{
		Name: "shop", Version: "1.0.0", Functions: []plugin.Function{visit},
		Capabilities: plugin.Capabilities{KV: []string{"visits"}},
	})
	p.Host.SetValue("visits", "all", 41)

	out, _ := p.Function(context.Background(), "visit")
	fmt.Println(string(out.Payload))
	p.Host.Deny("kv", "visits")
	_, err := p.Function(context.Background(), "visit")
	var refused *plugin.Error
	fmt.Println(errors.As(err, &refused), err)
	// Output:
	// 42
	// true permission_denied: kv visits was not granted to the plugin
}

// Settings of the operator are checked before the plugin is loaded.
func ExampleConfigureOf() {
	type settings struct {
		Currency string `json:"currency"`
	}
	p := plugintest.New(&plugin.Plugin{Name: "shop", Version: "1.0.0", Configure: plugin.ConfigureOf(func(_ context.Context, s settings) error {
		if len(s.Currency) != 3 {
			return plugin.Errorf(plugin.InvalidArgument, "currency must be a code such as EUR, not %q", s.Currency)
		}
		return nil
	})})
	fmt.Println(p.Configure(context.Background(), map[string]any{"currency": "EUR"}))
	fmt.Println(p.Configure(context.Background(), map[string]any{"currency": "Euro"}))
	fmt.Println(p.Configure(context.Background(), map[string]any{"curency": "EUR"}))
	// Output:
	// <nil>
	// invalid_argument: currency must be a code such as EUR, not "Euro"
	// invalid_argument: settings has no member "curency"
}

// Failures carry a code, whether to try again, and details.
func ExampleRetryable() {
	err := plugin.WithDetails(plugin.Retryable(plugin.Errorf(plugin.Unavailable, "the warehouse is closed")), map[string]string{"opens": "09:00"})
	fmt.Println(err, err.Retryable, string(err.Details))
	// Output: unavailable: the warehouse is closed true {"opens":"09:00"}
}
