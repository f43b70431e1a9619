package plugin_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// manifest is a valid one with some text replaced.
func manifest(oldnew ...string) string {
	return strings.NewReplacer(oldnew...).Replace(`{
		"name": "hello", "version": "1.2.3", "abi": 1, "description": "says hello",
		"nodes": [{"type": "greet", "params": {"type": "object"}, "outputs": ["ok", "sad"],
			"examples": [{"params": {"a": 1}, "payload": {"b": 2}, "result": null, "next": "ok"}]}],
		"functions": [{"name": "upper", "params": {"type": "array"}}],
		"actions": [{"name": "ping", "params": true}],
		"capabilities": {"http": ["api.example.com"], "kv": ["hello"]},
		"optional_capabilities": {"env": ["TZ"], "secret": ["token"], "fs": ["/data"]}}`)
}

func TestParseManifest(t *testing.T) {
	m, err := plugin.ParseManifest([]byte(manifest()))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "hello" || m.Nodes[0].Examples[0].Next != "ok" || m.Optional.FS[0] != "/data" {
		t.Errorf("got %+v", m)
	}
	if r := m.Nodes[0].Examples[0].Result; r.IsZero() {
		t.Error("an explicit null result is not the same as none")
	}
}

func TestParseManifestFaults(t *testing.T) {
	tests := []struct{ name, manifest, want string }{
		{"nothing", ``, `the manifest cannot be read`},
		{"no JSON", `name: hello`, `the manifest cannot be read`},
		{"a list", `[]`, `the manifest cannot be read`},
		{"null", `null`, `name: "" is no name`},
		{"two of them", manifest() + `{}`, `the manifest cannot be read`},
		{"trailing bracket", manifest() + `]`, `the manifest cannot be read`},
		{"no UTF-8", manifest("says hello", "\xff"), `not valid UTF-8`},
		{"too deep", manifest(`{"type": "object"}`, `{"enum":`+strings.Repeat("[", 600)+strings.Repeat("]", 600)+`}`), `nests deeper than 512`},
		{"too large", manifest("says hello", strings.Repeat("x", plugin.MaxManifestBytes)), `the most is 1048576`},
		{"misspelt field", manifest(`"version"`, `"edition"`), `unknown field "edition"`},
		{"misspelt field inside", manifest(`"outputs"`, `"output"`), `unknown field "output"`},
		{"no name", manifest(`"hello", "version"`, `"", "version"`), `name: "" is no name for a plugin`},
		{"upper case name", manifest(`"hello", "version"`, `"Hello", "version"`), `name: "Hello" is no name`},
		{"name with a slash", manifest(`"hello", "version"`, `"a/b", "version"`), `name: "a/b" is no name`},
		{"name with a line end", manifest(`"hello", "version"`, `"a\n", "version"`), `name: "a\n" is no name`},
		{"long name", manifest(`"hello", "version"`, `"`+strings.Repeat("a", 65)+`", "version"`), `is no name`},
		{"no version", manifest(`"1.2.3"`, `""`), `version: "" is no semantic version such as 1.2.0`},
		{"half a version", manifest(`"1.2.3"`, `"1.2"`), `version: "1.2" is no semantic version`},
		{"version with a line end", manifest(`"1.2.3"`, `"1.2.3\nx"`), `version:`},
		{"old abi", manifest(`"abi": 1`, `"abi": 0`), `abi: is 0, but this runtime speaks 1`},
		{"abi as text", manifest(`"abi": 1`, `"abi": "1"`), `the manifest cannot be read`},
		{"nothing offered", `{"name":"a","version":"1.0.0","abi":1}`, `offers nothing`},
		{"node without a type", manifest(`"greet"`, `""`), `nodes[0]: "" is no name`},
		{"node with a dot", manifest(`"greet"`, `"a.b"`), `nodes[0]: "a.b" is no name`},
		{"function twice", manifest(`{"name": "upper"`, `{"name":"upper"},{"name": "upper"`), `functions[1]: "upper" stands there twice`},
		{"function scripts cannot reach", manifest(`"upper"`, `"__proto__"`), `functions[0]: "__proto__" is no name`},
		{"action with a blank", manifest(`"ping"`, `"p ing"`), `actions[0]: "p ing" is no name`},
		{"node schema", manifest(`{"type": "object"}`, `[]`), `nodes[0].params: is no JSON Schema`},
		{"function schema", manifest(`{"type": "array"}`, `5`), `functions[0].params: is no JSON Schema`},
		{"action schema", manifest(`"params": true`, `"params": "x"`), `actions[0].params: is no JSON Schema`},
		{"empty output", manifest(`"sad"`, `""`), `nodes[0].outputs[1]: "" is no name of an output`},
		{"output twice", manifest(`"sad"`, `"ok"`), `nodes[0].outputs[1]: "ok" stands there twice`},
		{"http in upper case", manifest(`api.example.com`, `API.example.com`), `capabilities.http: "API.example.com" is no host name`},
		{"http as URL", manifest(`api.example.com`, `https://api.example.com`), `capabilities.http:`},
		{"http everywhere", manifest(`api.example.com`, `*`), `capabilities.http: "*"`},
		{"http with stars inside", manifest(`api.example.com`, `api.*.com`), `capabilities.http:`},
		{"http with a user", manifest(`api.example.com`, `a@example.com`), `capabilities.http:`},
		{"http with empty labels", manifest(`api.example.com`, `api..com`), `capabilities.http:`},
		{"http with a dot behind", manifest(`api.example.com`, `api.example.com.`), `capabilities.http:`},
		{"http with port 0", manifest(`api.example.com`, `api.example.com:0`), `capabilities.http:`},
		{"http with port 99999", manifest(`api.example.com`, `api.example.com:99999`), `capabilities.http:`},
		{"http IPv6", manifest(`api.example.com`, `[::1]`), `capabilities.http:`},
		{"kv with a slash", manifest(`"kv": ["hello"]`, `"kv": ["a/b"]`), `capabilities.kv: "a/b" is no name`},
		{"env with =", manifest(`"TZ"`, `"TZ=UTC"`), `optional_capabilities.env: "TZ=UTC" is no name of an environment variable`},
		{"secret with a blank", manifest(`"token"`, `"to ken"`), `optional_capabilities.secret:`},
		{"relative directory", manifest(`"/data"`, `"data"`), `optional_capabilities.fs: "data" is no absolute path`},
		{"directory with dots", manifest(`"/data"`, `"/data/../etc"`), `optional_capabilities.fs:`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := plugin.ParseManifest([]byte(tt.manifest))
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParseManifestTellsEverything(t *testing.T) {
	_, err := plugin.ParseManifest([]byte(manifest(`"1.2.3"`, `"x"`, `"abi": 1`, `"abi": 7`, `"greet"`, `"?"`)))
	if got := len(strings.Split(err.Error(), "\n")); got != 3 {
		t.Errorf("%d faults: %v", got, err)
	}
}

func TestLookups(t *testing.T) {
	var m plugin.Manifest
	if _, found := m.Node(""); found {
		t.Error("a node of none")
	}
	m.Nodes = []plugin.Node{{Type: "greet"}}
	m.Functions = []plugin.Function{{Name: "f"}}
	m.Actions = []plugin.Action{{Name: "a"}}
	if n, found := m.Node(""); !found || n.Type != "greet" {
		t.Errorf("the only node is the one without a name, got %+v", n)
	}
	m.Nodes = append(m.Nodes, plugin.Node{Type: "other"})
	if _, found := m.Node(""); found {
		t.Error("no name stands for one of two")
	}
	m.Nodes = append(m.Nodes, plugin.Node{Type: "run"})
	if n, found := m.Node(""); !found || n.Type != "run" {
		t.Errorf("no name is run, got %+v", n)
	}
	if n, found := m.Node("other"); !found || n.Type != "other" {
		t.Errorf("got %+v", n)
	}
	if _, found := m.Node("none"); found {
		t.Error("a node that is not there")
	}
	if _, found := m.Function("f"); !found {
		t.Error("no function")
	}
	if _, found := m.Function("g"); found {
		t.Error("a function that is not there")
	}
	if _, found := m.Action("a"); !found {
		t.Error("no action")
	}
	if _, found := m.Action(""); found {
		t.Error("an action without a name")
	}
}

func TestDifference(t *testing.T) {
	tests := []struct{ name, other, want string }{
		{"none", manifest(), ""},
		{"spacing and order", manifest(`{"type": "object"}`, `{ "type":"object" }`, `"name": "hello", "version": "1.2.3"`, `"version":"1.2.3","name":"hello"`), ""},
		{"name", manifest(`"name": "hello"`, `"name": "hallo"`), "name"},
		{"version", manifest(`1.2.3`, `1.2.4`), "version"},
		{"description", manifest(`says hello`, `says`), "description"},
		{"schema", manifest(`{"type": "object"}`, `{"type":"string"}`), "nodes"},
		{"example", manifest(`{"b": 2}`, `{"b":3}`), "nodes"},
		{"no result and null", manifest(`"result": null, `, ``), "nodes"},
		{"function", manifest(`upper`, `lower`), "functions"},
		{"action", manifest(`"params": true`, `"params": false`), "actions"},
		{"capability", manifest(`"kv": ["hello"]`, `"kv": ["hello","more"]`), "capabilities"},
		{"optional capability", manifest(`"TZ"`, `"LANG"`), "optional_capabilities"},
	}
	a, err := plugin.ParseManifest([]byte(manifest()))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := plugin.ParseManifest([]byte(tt.other))
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Difference(b); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if got := b.Difference(a); got != tt.want {
				t.Errorf("the other way round: got %q, want %q", got, tt.want)
			}
		})
	}
	empty, absent := plugin.Manifest{Nodes: []plugin.Node{}}, plugin.Manifest{}
	if got := empty.Difference(absent); got != "" {
		t.Errorf("an empty list differs from none: %s", got)
	}
}
