// Hello greets: the smallest plugin that offers a node, a function and an action.
//
//	go build -o hello .
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o hello.wasm .
//	./hello manifest > nflow-plugin.json
package main

import (
	"context"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

func main() { plugin.Serve() }

// hello is registered where package variables are initialised, because a
// WebAssembly module never runs main.
var hello = plugin.Register(&plugin.Plugin{
	Name:        "hello",
	Version:     "1.0.0",
	Description: "Greets people.",
	Nodes: []plugin.Node{
		plugin.NodeOf("greet", "Puts a message for payload.name into the payload.", greetNode).
			WithOutputs("output_1").
			WithExamples(
				plugin.Example{Params: params{Greeting: "Hola"}, Payload: person{Name: "Ana"}, Result: message{"Hola, Ana"}},
				plugin.Example{Payload: person{Name: "Ana"}, Result: message{"Hello, Ana"}},
			),
	},
	Functions: []plugin.Function{
		plugin.FunctionOf1("greet", "The greeting for a name.", greetFunction).
			WithExamples(plugin.Example{Payload: []string{"Ana"}, Result: "Hello, Ana"}),
	},
	Actions: []plugin.Action{
		plugin.ActionOf("greet", "Answers with a message for a name.", greetAction).
			WithExamples(plugin.Example{Payload: person{Name: "Ana"}, Result: message{"Hello, Ana"}}),
	},
})

// params are the fields of the node greet.
type params struct {
	Greeting string `json:"greeting,omitempty" jsonschema:"how to greet; Hello when left out"`
}

type person struct {
	Name string `json:"name" jsonschema:"whom to greet"`
}

type message struct {
	Message string `json:"message"`
}

func greetNode(_ context.Context, p params, who person) (message, error) {
	return message{greeting(p.Greeting, who.Name)}, nil
}

func greetFunction(_ context.Context, name string) (string, error) {
	return greeting("", name), nil
}

func greetAction(ctx context.Context, who person) (message, error) {
	plugin.HostFrom(ctx).Info(ctx, "somebody was greeted", "caller", plugin.RequestFrom(ctx).Caller)
	return message{greeting("", who.Name)}, nil
}

func greeting(how, name string) string {
	if how == "" {
		how = "Hello"
	}
	return how + ", " + name
}
