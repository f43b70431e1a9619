package plugintest

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func testFunctions(t *testing.T, s Subject) {
	p := s.open(t)
	for _, tt := range []struct{ name, function, args, want string }{
		{"text", "echo", `["hello"]`, `"hello"`},
		{"unicode", "echo", `["ñandú 🦤   \u0000 \"\\"]`, `"ñandú 🦤   \u0000 \"\\"`},
		{"null", "echo", `[null]`, `null`},
		{"nested", "echo", `[{"a":[1,{"b":[[]]},{}],"":""}]`, `{"a":[1,{"b":[[]]},{}],"":""}`},
		{"number as written", "echo", `[12345678901234567890.10]`, `12345678901234567890.10`},
		{"several arguments", "sum", `[1,2.5,-3]`, `0.5`},
		{"no arguments", "sum", `[]`, `0`},
		{"deadline", "deadline", `[]`, `true`},
		{"unknown", "nobody", `[]`, `not_found: plugin probe: the plugin probe has no function "nobody"`},
		{"no name", "", `[]`, `not_found: *`},
		{"an action's name", "json", `[]`, `not_found: *`},
		{"wrong argument", "big", `["x"]`, `malformed: plugin probe: args[0] is a string; it must be a whole number*`},
		{"too few arguments", "big", `[]`, `malformed: plugin probe: args[0] is missing; big takes 1 argument`},
		{"too many arguments", "big", `[1,2]`, `malformed: plugin probe: big takes 1 argument, not 2`},
		{"no array", "echo", `{}`, `malformed: *`},
	} {
		t.Run(tt.name, func(t *testing.T) { same(t, "outcome", ask(t, p, tt.function, tt.args), tt.want) })
	}
	t.Run("caller", func(t *testing.T) {
		call := function("call", `[]`)
		call.Workflow, call.Run, call.Node = "the flow", "the run", "the node"
		same(t, "outcome", outcome(bounded(t, p, call, &host{})), `{"Name":"call","Workflow":"the flow","Run":"the run","Node":"the node"}`)
	})
}

func testNodes(t *testing.T, s Subject) {
	p := s.open(t)
	type firing struct{ Payload, Next string }
	for _, tt := range []struct {
		name, params, want, next string
		emitted                  []firing
	}{
		{"default output", ``, `{"a":"ñ"}`, "", nil},
		{"chosen output", `{"next":"output_2"}`, `{"a":"ñ"}`, "output_2", nil},
		{"several firings", `{"emit":[{"payload":1,"next":"output_2"},{"payload":null},{"payload":{"b":[]},"next":"output_1"}]}`, `null`, "", []firing{{"1", "output_2"}, {"null", ""}, {`{"b":[]}`, "output_1"}}},
		{"unknown output", `{"next":"output_9"}`, `plugin_failed: plugin probe: the node chose the output "output_9"*`, "", nil},
		{"unknown field", `{"nxt":"output_2"}`, `malformed: plugin probe: params has no member "nxt"`, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call := ports.PluginCall{Op: ports.PluginNode, Name: "fire", Payload: value(`{"a":"ñ"}`)}
			if tt.params != "" {
				call.Params = value(tt.params)
			}
			r, err := bounded(t, p, call, &host{})
			same(t, "outcome", outcome(r, err), tt.want)
			same(t, "next", r.Next, tt.next)
			var got []firing
			for _, e := range r.Emitted {
				got = append(got, firing{string(e.Payload.Bytes()), e.Next})
			}
			same(t, "emitted", got, tt.emitted)
		})
	}
	t.Run("caller", func(t *testing.T) {
		call := ports.PluginCall{Op: ports.PluginNode, Name: "who", Workflow: "w", Run: "r", Node: "n"}
		same(t, "outcome", outcome(bounded(t, p, call, &host{})), `{"Name":"who","Workflow":"w","Run":"r","Node":"n"}`)
	})
	t.Run("unknown", func(t *testing.T) {
		call := ports.PluginCall{Op: ports.PluginNode, Name: "nobody"}
		same(t, "outcome", outcome(bounded(t, p, call, &host{})), `not_found: plugin probe: the plugin probe has no node "nobody"`)
	})
}

func testActions(t *testing.T, s Subject) {
	p := s.open(t)
	action := func(t *testing.T, name string, body payload.Value, r *ports.PluginRequest) (ports.PluginResult, error) {
		return bounded(t, p, ports.PluginCall{Op: ports.PluginAction, Name: name, Payload: body, Request: r}, &host{})
	}
	t.Run("JSON", func(t *testing.T) {
		r, err := action(t, "json", value(`{"n":1}`), &ports.PluginRequest{
			Query: map[string][]string{"q": {"1", "ñ"}}, Headers: map[string]string{"X-A": "b"}, ContentType: "application/json", Caller: "token",
		})
		if err != nil {
			t.Fatal(err)
		}
		want := value(`{"body":{"n":1},"query":{"q":["1","ñ"]},"headers":{"X-A":"b"},"type":"application/json","caller":"token"}`)
		same(t, "body", decoded(t, r.Payload), decoded(t, want))
		same(t, "status", r.Status, 0)
	})
	t.Run("bytes", func(t *testing.T) {
		body := []byte{0, 255, 254, 'x', 0}
		r, err := action(t, "bytes", payload.Value{}, &ports.PluginRequest{ContentType: "application/x-y", Body: body})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "body", r.Body, body)
		same(t, "headers", r.Headers, map[string]string{"Content-Type": "application/x-probe"})
	})
	t.Run("no bytes", func(t *testing.T) {
		r, err := action(t, "bytes", payload.Value{}, &ports.PluginRequest{Body: []byte{}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "body", r.Body, []byte{})
	})
	t.Run("bytes where JSON is wanted", func(t *testing.T) {
		_, err := action(t, "json", payload.Value{}, &ports.PluginRequest{Body: []byte("x")})
		same(t, "outcome", outcome(ports.PluginResult{}, err), "malformed: plugin probe: the action json takes JSON*")
	})
	t.Run("status and headers", func(t *testing.T) {
		r, err := action(t, "status", value(`201`), nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "status", r.Status, 201)
		same(t, "headers", r.Headers, map[string]string{"X-Probe": "yes"})
		same(t, "body", string(r.Payload.Bytes()), `"made"`)
	})
	t.Run("status that is none", func(t *testing.T) {
		same(t, "outcome", outcome(action(t, "status", value(`99`), nil)), "plugin_failed: *")
	})
	t.Run("unknown", func(t *testing.T) {
		same(t, "outcome", outcome(action(t, "nobody", payload.Value{}, nil)), `not_found: plugin probe: the plugin probe has no action "nobody"`)
	})
}
