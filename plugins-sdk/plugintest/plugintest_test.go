package plugintest_test

import (
	"context"
	"testing"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/plugintest"
)

// TestAnswersThatAreNoJSON wants what nFlow would refuse to be refused here.
func TestAnswersThatAreNoJSON(t *testing.T) {
	p := plugintest.New(&plugin.Plugin{Name: "p", Functions: []plugin.Function{
		plugin.FunctionOf0("bad", "", func(context.Context) (plugin.Trusted, error) { return plugin.Trusted("{"), nil }),
	}})
	if out, err := p.Function(t.Context(), "bad"); err == nil {
		t.Errorf("payload: %s", out.Payload)
	}
	if _, err := p.Function(t.Context(), "bad", make(chan int)); err == nil {
		t.Error("a channel was sent")
	}
}

func TestExamplesAreMade(t *testing.T) {
	made := 0
	p := &plugin.Plugin{
		Name: "p",
		Nodes: []plugin.Node{plugin.NodeOf("n", "", func(ctx context.Context, _ struct{}, v int) (int, error) {
			made++
			plugin.Next(ctx, "output_2")
			return v + 1, nil
		}).WithExamples(plugin.Example{Payload: 1, Result: 2, Next: "output_2"})},
		Functions: []plugin.Function{plugin.FunctionOf2("f", "", func(_ context.Context, a, b int) (int, error) {
			made++
			return a + b, nil
		}).WithExamples(plugin.Example{Payload: []int{1, 2}, Result: 3})},
		Actions: []plugin.Action{plugin.ActionOf("a", "", func(_ context.Context, v any) (any, error) {
			made++
			return v, nil
		}).WithExamples(plugin.Example{Payload: map[string]any{"b": 1, "a": 2}, Result: map[string]any{"a": 2, "b": 1}})},
	}
	plugintest.New(p).Examples(t)
	if made != 3 {
		t.Errorf("%d examples were made, want 3", made)
	}
}
