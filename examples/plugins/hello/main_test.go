package main

import (
	"os"
	"testing"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/plugintest"
)

func TestExamples(t *testing.T) { plugintest.New(hello).Examples(t) }

func TestManifest(t *testing.T) {
	want, err := hello.ManifestJSON()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("nflow-plugin.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("nflow-plugin.json is old; write it anew: go run . manifest > nflow-plugin.json")
	}
}

func TestANameIsNeeded(t *testing.T) {
	_, err := plugintest.New(hello).Node(t.Context(), "greet", nil, map[string]any{"nom": "Ana"})
	if plugin.CodeOf(err) != plugin.InvalidArgument || err.Error() != "invalid_argument: payload.name is missing" {
		t.Errorf("error: %v", err)
	}
}

func TestGreetingsAreLogged(t *testing.T) {
	r := plugintest.New(hello)
	out, err := r.Action(t.Context(), "greet", plugintest.Request{JSON: person{Name: "Ana"}, Caller: "token"})
	if err != nil || string(out.JSON) != `{"message":"Hello, Ana"}` {
		t.Errorf("answer: %s, %v", out.JSON, err)
	}
	if lines := r.Host.Lines(); len(lines) != 1 || lines[0].Fields["caller"] != "token" {
		t.Errorf("log: %v", lines)
	}
}
