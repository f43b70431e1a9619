package plugintest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func testFaults(t *testing.T, s Subject) {
	p := s.open(t)
	for _, tt := range []struct {
		code string
		want fault.Code
	}{
		{"invalid_argument", fault.Malformed},
		{"permission_denied", fault.Forbidden},
		{"not_found", fault.NotFound},
		{"conflict", fault.Conflict},
		{"payload_too_large", fault.TooLarge},
		{"resource_exhausted", fault.LimitExceeded},
		{"internal", fault.PluginFailed},
		{"unavailable", fault.Unavailable},
		{"deadline_exceeded", fault.UpstreamTimeout},
		{"cancelled", fault.Cancelled},
		{"of its own", fault.PluginFailed},
	} {
		t.Run(tt.code, func(t *testing.T) {
			_, err := bounded(t, p, function("fail", fmt.Sprintf(`[{"code":%q,"message":"ñ said no","retryable":true,"details":{"n":[1]}}]`, tt.code)), &host{})
			f := fault.As(err)
			if f == nil {
				t.Fatal("it did not fail")
			}
			same(t, "code", f.Code, tt.want)
			same(t, "message", f.Message, "plugin probe: ñ said no")
			var got any
			if err := json.Unmarshal([]byte(f.Detail), &got); err != nil {
				t.Fatalf("detail %q: %v", f.Detail, err)
			}
			same(t, "detail", got, any(map[string]any{"plugin": "probe", "code": tt.code, "retryable": true, "details": map[string]any{"n": []any{1.0}}}))
		})
	}
	t.Run("panic", func(t *testing.T) {
		same(t, "outcome", ask(t, p, "panic", `["ouch"]`), "plugin_failed: *")
		recovers(t, p)
	})
	for name, text := range map[string]string{"text": `"no json`, "two values": `1 2`, "a control character": "\"\x01\"", "broken UTF-8": "\"\xff\"", "deep": strings.Repeat("[", 100_000)} {
		t.Run("answer that is no JSON: "+name, func(t *testing.T) {
			args, err := json.Marshal([]string{text})
			if err != nil {
				t.Fatal(err)
			}
			if name == "broken UTF-8" {
				t.Skip("arguments are UTF-8, so the probe cannot be told to")
			}
			same(t, "outcome", ask(t, p, "bad", string(args)), "plugin_failed: *")
			recovers(t, p)
		})
	}
}

func testPayloads(t *testing.T, s Subject) {
	p := s.open(t)
	t.Run("1 MB", func(t *testing.T) {
		text := `"` + strings.Repeat("ñx", 1<<20/3) + `"`
		if got := ask(t, p, "echo", "["+text+"]"); got != text {
			t.Errorf("%d bytes came back as %d others", len(text), len(got))
		}
	})
	t.Run("as much as there may be", func(t *testing.T) {
		text := `"` + strings.Repeat("x", maxPayload-4) + `"`
		if got := ask(t, p, "echo", "["+text+"]"); got != text {
			t.Errorf("%d bytes came back as %d others", len(text), len(got))
		}
	})
	t.Run("too much to send", func(t *testing.T) {
		same(t, "outcome", ask(t, p, "echo", `["`+strings.Repeat("x", maxPayload)+`"]`), "too_large: *")
	})
	t.Run("too much to get", func(t *testing.T) {
		same(t, "outcome", ask(t, p, "big", fmt.Sprintf("[%d]", maxPayload)), "plugin_failed: plugin probe: its answer has*")
		recovers(t, p)
	})
	t.Run("far too much to get", func(t *testing.T) {
		same(t, "outcome", ask(t, p, "big", fmt.Sprintf("[%d]", 8*maxPayload)), "plugin_failed: plugin probe: *")
		recovers(t, p)
	})
	t.Run("nothing", func(t *testing.T) {
		call := ports.PluginCall{Op: ports.PluginNode, Name: "fire", Payload: payload.Value{}}
		same(t, "outcome", outcome(bounded(t, p, call, &host{})), "null")
	})
}
