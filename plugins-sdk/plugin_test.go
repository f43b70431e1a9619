package plugin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/plugintest"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// outcome is JSON, or an error with the field it names.
func outcome(b json.RawMessage, err error) string {
	if err == nil {
		return string(b)
	}
	var e *plugin.Error
	if !errors.As(err, &e) {
		return "untyped: " + err.Error()
	}
	var details struct{ Field string }
	if e.Details == nil || json.Unmarshal(e.Details, &details) != nil {
		return e.Error()
	}
	return e.Error() + " [" + details.Field + "]"
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }

func TestArguments(t *testing.T) {
	r := plugintest.New(kinds())
	for _, tt := range []struct{ name, function, args, want string }{
		{"none", "none", `[]`, `1`},
		{"one too many", "none", `[1]`, `invalid_argument: none takes 0 arguments, not 1 [args]`},
		{"one", "one", `[{"text":"ñ"}]`, `{"text":"ñ"}`},
		{"every member", "one", `[{"text":"","number":1.5,"small":255,"flag":false,"list":[{"must":"a"}],"map":{"k":{"must":"b"}},"bytes":"AP8=","raw":[1.0],"any":{"x":null},"time":"2024-01-02T03:04:05Z","nested":{"must":""}}]`,
			`{"text":"","number":1.5,"small":255,"flag":false,"list":[{"must":"a"}],"map":{"k":{"must":"b"}},"bytes":"AP8=","raw":[1.0],"any":{"x":null},"time":"2024-01-02T03:04:05Z","nested":{"must":""}}`},
		{"missing argument", "one", `[]`, `invalid_argument: args[0] is missing; one takes 1 argument [args[0]]`},
		{"null", "one", `[null]`, `invalid_argument: args[0] is null; it must be of the type object [args[0]]`},
		{"missing member", "one", `[{}]`, `invalid_argument: args[0].text is missing [args[0].text]`},
		{"null member", "one", `[{"text":null}]`, `invalid_argument: args[0].text is null; it must be of the type string [args[0].text]`},
		{"null for a pointer", "one", `[{"text":"","flag":null}]`, `{"text":""}`},
		{"missing member in a list", "one", `[{"text":"","list":[{"must":""},{}]}]`, `invalid_argument: args[0].list[1].must is missing [args[0].list[1].must]`},
		{"missing member in a map", "one", `[{"text":"","map":{"k":{}}}]`, `invalid_argument: args[0].map.k.must is missing [args[0].map.k.must]`},
		{"missing member below", "one", `[{"text":"","nested":{}}]`, `invalid_argument: args[0].nested.must is missing [args[0].nested.must]`},
		{"wrong kind", "one", `[{"text":1}]`, `invalid_argument: args[0].text is a number; it must be a string [args[0].text]`},
		{"wrong kind below", "one", `[{"text":"","nested":{"must":true}}]`, `invalid_argument: args[0].nested.must is a bool; it must be a string [args[0].nested.must]`},
		{"too big", "one", `[{"text":"","small":256}]`, `invalid_argument: args[0].small is a number 256; it must be a whole number of at least 0 that fits uint8 [args[0].small]`},
		{"unknown member", "one", `[{"text":"","txet":""}]`, `invalid_argument: args[0] has no member "txet" [args[0].txet]`},
		{"bad time", "one", `[{"text":"","time":"now"}]`, `invalid_argument: args[0]: parsing time *`},
		{"optional given", "two", `[1,"x"]`, `"1x"`},
		{"optional null", "two", `[1,null]`, `"1"`},
		{"optional left out", "two", `[1]`, `"1"`},
		{"not enough", "two", `[]`, `invalid_argument: args[0] is missing; two takes 1 to 2 arguments [args[0]]`},
		{"three", "three", `["a","b","c"]`, `"abc"`},
		{"third wrong", "three", `["a","b",3]`, `invalid_argument: args[2] is a number; it must be a string [args[2]]`},
		{"raw", "raw", `[1.0,null]`, `[1.0,null]`},
		{"nothing back", "empty", `[]`, `null`},
		{"no JSON back", "broken", `[]`, `internal: the plugin gave back bytes that are no JSON`},
		{"unknown", "nobody", `[]`, `not_found: the plugin kinds has no function "nobody"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var args []any
			var list []json.RawMessage
			if err := json.Unmarshal(raw(tt.args), &list); err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				args = append(args, a)
			}
			out, err := r.Function(t.Context(), tt.function, args...)
			got := outcome(out.Payload, err)
			if begin, open := strings.CutSuffix(tt.want, "*"); open && strings.HasPrefix(got, begin) {
				return
			}
			same(t, "outcome", got, tt.want)
		})
	}
}

func TestNodes(t *testing.T) {
	r := plugintest.New(kinds())
	for _, tt := range []struct{ name, params, payload, want, next string }{
		{"chosen output", `{"text":"output_2"}`, `{"text":"a"}`, `{"text":"a"}`, "output_2"},
		{"default output", `{"text":""}`, `{"text":"a"}`, `{"text":"a"}`, ""},
		{"unknown output", `{"text":"output_3"}`, `{"text":"a"}`, `internal: the node chose the output "output_3", which is none of its outputs ["output_1" "output_2"]`, ""},
		{"unknown field of the payload", `{"text":""}`, `{"text":"a","more":1}`, `{"text":"a"}`, ""},
		{"unknown parameter", `{"text":"","more":1}`, `{}`, `invalid_argument: params has no member "more" [params.more]`, ""},
		{"no parameters", `null`, `{"text":"a"}`, `invalid_argument: params.text is missing [params.text]`, ""},
		{"no payload", `{"text":""}`, `null`, `invalid_argument: payload.text is missing [payload.text]`, ""},
		{"null in the payload", `{"text":""}`, `{"text":"a","number":null}`, `{"text":"a"}`, ""},
		{"null for what is needed", `{"text":""}`, `{"text":null}`, `invalid_argument: payload.text is missing [payload.text]`, ""},
		{"payload of another kind", `{"text":""}`, `[]`, `invalid_argument: payload is an array; it must be an object [payload]`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := r.Node(t.Context(), "same", raw(tt.params), raw(tt.payload))
			same(t, "outcome", outcome(out.Payload, err), tt.want)
			same(t, "next", out.Next, tt.next)
		})
	}
	t.Run("emissions", func(t *testing.T) {
		out, err := r.Node(t.Context(), "emit", nil, []any{1, nil})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "emitted", out.Emitted, []plugintest.Emission{{Payload: raw("1"), Next: "output_0"}, {Payload: raw("null"), Next: "output_1"}})
	})
	t.Run("no emissions", func(t *testing.T) {
		out, err := r.Node(t.Context(), "emit", nil, []any{})
		same(t, "outcome", outcome(out.Payload, err), `"last"`)
	})
	t.Run("not JSON", func(t *testing.T) {
		_, err := r.Node(t.Context(), "unencodable", nil, nil)
		same(t, "outcome", outcome(nil, err), "internal: what the plugin gave back cannot be JSON: json: unsupported type: chan int")
	})
}

func TestActions(t *testing.T) {
	r := plugintest.New(kinds())
	act := func(name string, in plugintest.Request) string {
		out, err := r.Action(t.Context(), name, in)
		if err != nil {
			return outcome(nil, err)
		}
		return fmt.Sprintf("%d %v %s %q", out.Status, out.Headers, out.JSON, out.Body)
	}
	same(t, "JSON", act("typed", plugintest.Request{JSON: inner{"a"}}), `200 map[] {"must":"a"} ""`)
	same(t, "wrong JSON", act("typed", plugintest.Request{JSON: map[string]int{"must": 1}}), "invalid_argument: body.must is a number; it must be a string [body.must]")
	same(t, "no JSON", act("typed", plugintest.Request{Body: []byte("x")}), "invalid_argument: the action typed takes JSON; send it with Content-Type application/json")
	same(t, "reply", act("reply", plugintest.Request{}), `201 map[X-A:b] [1] ""`)
	same(t, "bytes", act("bytes", plugintest.Request{Body: []byte{0, 255}, ContentType: "image/x"}), `200 map[Content-Type:image/x]  "\x00\xff"`)
	same(t, "no bytes", act("bytes", plugintest.Request{Body: []byte{}}), `200 map[Content-Type:application/octet-stream]  ""`)
	same(t, "unknown", act("nobody", plugintest.Request{}), `not_found: the plugin kinds has no action "nobody"`)
}

func TestBodiesInBase64(t *testing.T) {
	for _, tt := range []struct{ payload, want string }{
		{`"AP8="`, `{"headers":{"Content-Type":"application/octet-stream"},"encoding":"base64"}"AP8="`},
		{`"AP8\u003d"`, `{"headers":{"Content-Type":"application/octet-stream"},"encoding":"base64"}"AP8="`},
		{`""`, `{"headers":{"Content-Type":"application/octet-stream"},"encoding":"base64"}""`},
		{`"?"`, `"the body is not base64: illegal base64 data at input byte 0"}}`},
		{`"AP8=`, `"body is not JSON: unexpected EOF"`},
		{`5`, `"message":"body is a number; it must be a string"`},
		{"\"AP8=\n\"", `"body is not JSON: `},
	} {
		answer := kinds().Call(t.Context(), wire.Frame{Header: []byte(`{"op":"action","name":"bytes","encoding":"base64"}`), Payload: []byte(tt.payload)}, nil)
		if got := string(answer.Header) + string(answer.Payload); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s", tt.payload, got)
		}
	}
}

func TestConfigure(t *testing.T) {
	var got inner
	configured := &plugin.Plugin{Name: "c", Configure: plugin.ConfigureOf(func(_ context.Context, s inner) error {
		got = s
		return nil
	})}
	configure := func(p *plugin.Plugin, settings string) string {
		return outcome(raw("ok"), plugintest.New(p).Configure(t.Context(), raw(settings)))
	}
	same(t, "taken", configure(configured, `{"must":"a"}`), "ok")
	same(t, "settings", got, inner{"a"})
	same(t, "missing", configure(configured, `null`), "invalid_argument: settings.must is missing [settings.must]")
	same(t, "unknown", configure(configured, `{"must":"a","b":1}`), `invalid_argument: settings has no member "b" [settings.b]`)
	same(t, "none wanted", configure(kinds(), `{}`), "ok")
	same(t, "none given", configure(kinds(), `null`), "ok")
	same(t, "a list", configure(kinds(), `[1]`), "invalid_argument: settings is an array; it must be an object [settings]")
	same(t, "a text", configure(kinds(), `"a"`), "invalid_argument: settings is a string; it must be an object [settings]")
	same(t, "not wanted", configure(kinds(), `{"a":1}`), "invalid_argument: the plugin kinds takes no settings")
}

func TestErrors(t *testing.T) {
	inside := plugin.WithDetails(plugin.Retryable(plugin.Errorf(plugin.Conflict, "taken by %s", "Ana")), map[string]int{"n": 1})
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"typed", inside, `{"code":"conflict","message":"taken by Ana","retryable":true,"details":{"n":1}}`},
		{"wrapped", fmt.Errorf("save: %w", inside), `{"code":"conflict","message":"save: conflict: taken by Ana","retryable":true,"details":{"n":1}}`},
		{"of any kind", errors.New("oops"), `{"code":"internal","message":"oops"}`},
		{"deadline", fmt.Errorf("wait: %w", context.DeadlineExceeded), `{"code":"deadline_exceeded","message":"wait: context deadline exceeded"}`},
		{"cancelled", context.Canceled, `{"code":"cancelled","message":"context canceled"}`},
		{"bad details", plugin.WithDetails(plugin.Errorf("own", "x"), make(chan int)), `{"code":"own","message":"x"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &plugin.Plugin{Name: "p", Functions: []plugin.Function{plugin.FunctionOf0("f", "", func(context.Context) (int, error) { return 0, tt.err })}}
			_, err := plugintest.New(p).Function(t.Context(), "f")
			b, _ := json.Marshal(err)
			same(t, "error", string(b), tt.want)
		})
	}
	same(t, "code of nil", plugin.CodeOf(nil), plugin.Code(""))
}

func TestTypesWithoutASchemaPanic(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "has no JSON Schema") {
			t.Errorf("panic: %s", p)
		}
	}()
	plugin.FunctionOf1("f", "", func(context.Context, chan int) (int, error) { return 0, nil })
}
