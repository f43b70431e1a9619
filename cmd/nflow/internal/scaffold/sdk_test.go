package scaffold_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// TestSDKs wants all that the contract offers to work in every language.
func TestSDKs(t *testing.T) {
	each(t, func(t *testing.T, l scaffold.Language) {
		p := open(t, l, probe(l))
		var log []string
		host := memory(&log)
		for _, tt := range []struct{ name, op, member, payload, want string }{
			{"settings of another kind", "configure", "", `{"word":1}`, `invalid_argument: settings.word must be a string`},
			{"settings", "configure", "", `{"word":"ñandú"}`, `null`},
			{"settings kept", "function", "word", `[]`, `"ñandú"`},
			{"whole number", "function", "next", `[41]`, `42`},
			{"the smallest", "function", "next", `[-9223372036854775808]`, `-9223372036854775807`},
			{"a great one", "function", "next", `[9223372036854775806]`, `9223372036854775807`},
			{"no whole number", "function", "next", `[1.5]`, `invalid_argument: args[0]*`},
			{"no number", "function", "next", `["1"]`, `invalid_argument: args[0]*`},
			{"none", "function", "next", `[]`, `invalid_argument: args*`},
			{"never set", "function", "kv", `["a"]`, `null`},
			{"set", "function", "kv", `["a \"ñ\"",{"b":[1,"😀"]}]`, `{"b":[1,"😀"]}`},
			{"kept", "function", "kv", `["a \"ñ\""]`, `{"b":[1,"😀"]}`},
			{"error", "function", "fail", `[]`, `conflict: "no" and no`},
			{"any JSON", "action", "same", `{"a":[null,true,false,-0.5e+10,"\u0000",{"":[]}],"b":{}}`, `{"a":[null,true,false,-0.5e+10,"\u0000",{"":[]}],"b":{}}`},
			{"deep", "action", "same", strings.Repeat("[", 512) + strings.Repeat("]", 512), strings.Repeat("[", 512) + strings.Repeat("]", 512)},
			{"text in place of bytes", "action", "bytes", `"AAAA"`, `invalid_argument: the body is not bytes`},
		} {
			t.Run(tt.name, func(t *testing.T) {
				alike(t, ask(t, p, wire.Request{Op: wire.Op(tt.op), Name: tt.member}, tt.payload, host).outcome(), tt.want)
			})
		}
		if got := strings.Join(log, ","); got != `info a,info a "ñ",info a "ñ"` {
			t.Errorf("logged %s", got)
		}
	})
}

// TestSDKsAnswerInFull looks at what stands beside the payload of an answer.
func TestSDKsAnswerInFull(t *testing.T) {
	each(t, func(t *testing.T, l scaffold.Language) {
		p := open(t, l, probe(l))
		t.Run("error", func(t *testing.T) {
			e := ask(t, p, function("fail"), `[]`, nil).Header.Error
			if e == nil || e.Code != wire.Conflict || e.Message != `"no" and no` || !e.Retryable || string(e.Details) != `{"n":[1]}` {
				t.Errorf("%+v", e)
			}
		})
		t.Run("next", func(t *testing.T) {
			a := ask(t, p, wire.Request{Op: wire.Node, Name: "route", Params: json.RawMessage(`{"next":"output_2"}`)}, `{"x":1}`, nil)
			alike(t, a.outcome(), `{"x":1}`)
			alike(t, a.Header.Next, "output_2")
		})
		t.Run("emit", func(t *testing.T) {
			a := ask(t, p, wire.Request{Op: wire.Node, Name: "emit"}, `{"x":1}`, nil)
			alike(t, a.outcome(), `[{"payload":1,"next":"output_2"},{"payload":{"x":1},"next":""}]`)
			if !a.Header.Emitted {
				t.Error("it does not say that it emitted")
			}
		})
		t.Run("bytes", func(t *testing.T) {
			for _, text := range []string{`""`, `"AA=="`, `"AP8="`, `"AP/+"`, `"AP/+eAA="`} {
				a := ask(t, p, wire.Request{Op: wire.Action, Name: "bytes", Encoding: wire.Base64}, text, nil)
				alike(t, a.outcome(), text)
				if h := a.Header; h.Encoding != wire.Base64 || h.Status != 201 || h.Headers["Content-Type"] != "application/x-probe" {
					t.Errorf("header %+v", h)
				}
			}
		})
		t.Run("what the host refuses", func(t *testing.T) {
			refuse := func(e *wire.Error) string {
				host := memory(new([]string))
				a := ask(t, p, wire.Request{Op: wire.Function, Name: "kv"}, `["a"]`, answering(wire.Log, host, wire.Failure(e)))
				if a.Header.Error != nil && a.Header.Error.Retryable != e.Retryable {
					t.Errorf("retryable %t", a.Header.Error.Retryable)
				}
				return a.outcome()
			}
			alike(t, refuse(&wire.Error{Code: wire.PermissionDenied, Message: "log is not granted"}), "permission_denied: log is not granted")
			alike(t, refuse(&wire.Error{Code: wire.Unavailable, Message: "the \"store\" is away", Retryable: true, Details: json.RawMessage(`{"a":1}`)}), "unavailable: the \"store\" is away")
		})
		t.Run("a host that makes no sense", func(t *testing.T) {
			host := memory(new([]string))
			for _, f := range []wire.Frame{{}, {Header: []byte("[]")}, {Header: []byte("{}"), Payload: []byte("{")}} {
				a := ask(t, p, wire.Request{Op: wire.Function, Name: "kv"}, `["a"]`, answering(wire.Log, host, f))
				if a.Header.Error == nil {
					t.Errorf("%q was taken for an answer", f)
				}
			}
		})
		t.Run("no host", func(t *testing.T) {
			if g, ok := p.(*guest); ok {
				h := []byte(`{"op":"function","name":"kv"}`)
				alike(t, read(t, g.raw(t, wire.Frame{Header: h, Payload: []byte(`["a"]`)}.Append(nil), nil)).outcome(), "internal: *")
			}
		})
	})
}

// TestCReportsFullMemory fills the 16 MiB of a guest.
func TestCReportsFullMemory(t *testing.T) {
	p := open(t, scaffold.C, probe(scaffold.C))
	call := func(n string) string {
		return ask(t, p, wire.Request{Op: wire.Function, Name: "eat"}, n, nil).outcome()
	}
	alike(t, call(`[1000000]`), "resource_exhausted: the plugin's memory is full")
	if got := len(call(`[40000]`)); got != 40000*64+2 {
		t.Errorf("afterwards %d bytes came", got)
	}
	alike(t, ask(t, p, wire.Request{Op: wire.Action, Name: "same"}, `"`+strings.Repeat("x", 20<<20)+`"`, nil).outcome(), "payload_too_large: *")
	alike(t, ask(t, p, wire.Request{Op: wire.Function, Name: "silent"}, `[]`, nil).outcome(), "internal: silent failed without saying why")
}
