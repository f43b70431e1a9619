package scaffold_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// foreign are the languages that are not Go.
func foreign() []scaffold.Language {
	return []scaffold.Language{scaffold.C, scaffold.AssemblyScript, scaffold.Python}
}

func each(t *testing.T, f func(t *testing.T, l scaffold.Language)) {
	for _, l := range foreign() {
		t.Run(string(l), func(t *testing.T) { f(t, l) })
	}
}

// TestHellosGreet wants the same of the example in every language.
func TestHellosGreet(t *testing.T) {
	each(t, func(t *testing.T, l scaffold.Language) {
		p := open(t, l, example(l))
		for _, tt := range []struct {
			name, op, member, params, payload, want string
		}{
			{"node", "node", "greet", ``, `{"name":"Ana"}`, `{"message":"Hello, Ana!"}`},
			{"node with params", "node", "greet", `{"greeting":"Hola"}`, ` { "x" : [ 1 , { } ] , "name" : "Ana" } `, `{"message":"Hola, Ana!"}`},
			{"escapes", "node", "greet", `{"greeting":"\"\\\/\b\f\n\r\t\u0000\u001f"}`, `{"n\u0061me":"\ud83d\ude00 ñ 😀 \u20ac"}`, `{"message":"\"\\/\b\f\n\r\t\u0000\u001f, 😀 ñ 😀 €!"}`},
			{"the last of a key", "node", "greet", ``, `{"name":1,"name":"Ana"}`, `{"message":"Hello, Ana!"}`},
			{"function", "function", "greet", ``, `["Ana"]`, `"Hello, Ana!"`},
			{"action", "action", "greet", ``, `{"name":"Ana"}`, `{"message":"Hello, Ana!"}`},
			{"no name", "node", "greet", ``, `{}`, `invalid_argument: payload.name is missing; give a string`},
			{"no object", "node", "greet", ``, `["name"]`, `invalid_argument: payload.name is missing; give a string`},
			{"no payload", "action", "greet", ``, ``, `invalid_argument: payload.name is missing; give a string`},
			{"a number as name", "node", "greet", ``, `{"name":1}`, `invalid_argument: payload.name must be a string`},
			{"null as name", "action", "greet", ``, `{"name":null}`, `invalid_argument: payload.name must be a string`},
			{"a number as greeting", "node", "greet", `{"greeting":1}`, `{"name":"Ana"}`, `invalid_argument: params.greeting must be a string`},
			{"no argument", "function", "greet", ``, `[]`, `invalid_argument: args*`},
			{"a boolean as argument", "function", "greet", ``, `[true]`, `invalid_argument: args[0]*`},
			{"unknown node", "node", "nobody", ``, `{}`, `not_found: nobody*`},
			{"unknown function", "function", "nobody", ``, `[]`, `not_found: nobody*`},
			{"unknown action", "action", "", ``, `{}`, `not_found: *`},
			{"unknown operation", "dance", "greet", ``, `{}`, `invalid_argument: dance*`},
			{"no operation", "", "greet", ``, `{}`, `invalid_argument: *`},
			{"settings", "configure", "", ``, `{}`, `null`},
			{"settings it does not take", "configure", "", ``, `{"x":1}`, `invalid_argument: this plugin takes no settings`},
		} {
			t.Run(tt.name, func(t *testing.T) {
				h := wire.Request{Op: wire.Op(tt.op), Name: tt.member}
				if tt.params != "" {
					h.Params = json.RawMessage(tt.params)
				}
				alike(t, ask(t, p, h, tt.payload, nil).outcome(), tt.want)
			})
		}
	})
}

// alike compares JSON by its values; a wanted text that ends with * is a
// beginning.
func alike(t testing.TB, got, want string) {
	t.Helper()
	if begin, open := strings.CutSuffix(want, "*"); open && strings.HasPrefix(got, begin) {
		return
	}
	var a, b any
	if json.Unmarshal([]byte(got), &a) == nil && json.Unmarshal([]byte(want), &b) == nil && reflect.DeepEqual(a, b) {
		return
	}
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestHellosRefuseWhatIsNoFrame wants a typed error, never a trap.
func TestHellosRefuseWhatIsNoFrame(t *testing.T) {
	frame := func(header, payload string) string {
		return string(wire.Frame{Header: []byte(header), Payload: []byte(payload)}.Append(nil))
	}
	rows := []struct{ name, header, payload string }{
		{"no header", ``, ``},
		{"an array as header", `[]`, ``},
		{"text behind the header", `{"op":"node"} x`, ``},
		{"a number as operation", `{"op":1}`, ``},
		{"a number as name", `{"op":"node","name":1}`, ``},
		{"no JSON as payload", `{"op":"action","name":"greet"}`, `{"name":"Ana"`},
		{"two payloads", `{"op":"action","name":"greet"}`, `{"name":"Ana"} {}`},
		{"a comma too much", `{"op":"action","name":"greet"}`, `{"name":"Ana",}`},
		{"a control character", `{"op":"action","name":"greet"}`, "{\"name\":\"\x01\"}"},
		{"broken UTF-8", `{"op":"action","name":"greet"}`, "{\"name\":\"\xc0\xaf\"}"},
		{"a surrogate as UTF-8", `{"op":"action","name":"greet"}`, "{\"name\":\"\xed\xa0\x80\"}"},
		{"half an escape", `{"op":"action","name":"greet"}`, `{"name":"\u12"}`},
		{"an unknown escape", `{"op":"action","name":"greet"}`, `{"name":"\x"}`},
		{"a leading zero", `{"op":"action","name":"greet"}`, `{"name":"Ana","n":01}`},
		{"not a number", `{"op":"action","name":"greet"}`, `{"name":"Ana","n":NaN}`},
		{"too deep", `{"op":"action","name":"greet"}`, strings.Repeat("[", 100_000)},
	}
	each(t, func(t *testing.T, l scaffold.Language) {
		p := open(t, l, example(l))
		for _, tt := range rows {
			t.Run(tt.name, func(t *testing.T) {
				f := p.exchange(t, wire.Frame{Header: []byte(tt.header), Payload: []byte(tt.payload)}, nil)
				alike(t, read(t, f).outcome(), "invalid_argument: *")
			})
		}
		g, ok := p.(*guest)
		if !ok {
			return // there are no frames of bytes between processes
		}
		for _, raw := range []string{"", "\x01", "\x01\x00\x00", "\x05\x00\x00\x00{}", "\xff\xff\xff\xff{}", "\xfc\xff\xff\xff", frame(`{"op":"describe"}`, "")[:10]} {
			t.Run(fmt.Sprintf("bytes %q", raw), func(t *testing.T) {
				alike(t, read(t, g.raw(t, []byte(raw), nil)).outcome(), "invalid_argument: *")
			})
		}
	})
}

// TestHellosDescribeThemselves wants each manifest to be valid, to be what the
// plugin says, and its examples to be true.
func TestHellosDescribeThemselves(t *testing.T) {
	each(t, func(t *testing.T, l scaffold.Language) {
		artifact := built(t, l, example(l))
		raw, err := os.ReadFile(filepath.Join(filepath.Dir(artifact), scaffold.ManifestName))
		if err != nil {
			t.Fatal(err)
		}
		m, err := plugin.ParseManifest(raw)
		if err != nil {
			t.Fatal(err)
		}
		p := open(t, l, example(l))
		said, err := plugin.ParseManifest([]byte(ask(t, p, wire.Request{Op: wire.Describe}, "", nil).outcome()))
		if err != nil {
			t.Fatal(err)
		}
		if field := said.Difference(m); field != "" {
			t.Errorf("describe and %s differ in %s", scaffold.ManifestName, field)
		}
		if m.Name != "hello-"+string(l) {
			t.Errorf("name %s", m.Name)
		}
		count := 0
		try := func(op wire.Op, name string, examples []plugin.Example) {
			for _, e := range examples {
				count++
				h := wire.Request{Op: op, Name: name}
				if !e.Params.IsZero() {
					h.Params = e.Params.Bytes()
				}
				alike(t, ask(t, p, h, string(e.Payload.Bytes()), nil).outcome(), string(e.Result.Bytes()))
			}
		}
		for _, n := range m.Nodes {
			try(wire.Node, n.Type, n.Examples)
		}
		for _, f := range m.Functions {
			try(wire.Function, f.Name, f.Examples)
		}
		for _, a := range m.Actions {
			try(wire.Action, a.Name, a.Examples)
		}
		if count != 4 {
			t.Errorf("%d examples, want 4", count)
		}
	})
}
