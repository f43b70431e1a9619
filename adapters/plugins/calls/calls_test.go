package calls_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// transport answers every call with a function.
type transport func(ctx context.Context, op wire.Op, request wire.Frame, host calls.HostFunc) (wire.Frame, error)

func (f transport) Call(ctx context.Context, op wire.Op, request wire.Frame, host calls.HostFunc) (wire.Frame, error) {
	return f(ctx, op, request, host)
}
func (transport) State() ports.PluginState    { return ports.PluginState{Status: "ok"} }
func (transport) Close(context.Context) error { return nil }

// answering gives the same frame to everybody.
func answering(header, body string) transport {
	return func(context.Context, wire.Op, wire.Frame, calls.HostFunc) (wire.Frame, error) {
		return wire.Frame{Header: []byte(header), Payload: []byte(body)}, nil
	}
}

func failing(err error) transport {
	return func(context.Context, wire.Op, wire.Frame, calls.HostFunc) (wire.Frame, error) {
		return wire.Frame{}, err
	}
}

func open(t transport) ports.Plugin {
	return calls.New(t, ports.PluginSpec{Name: "p", MaxPayload: 100})
}

func value(t testing.TB, s string) payload.Value {
	t.Helper()
	v, err := payload.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRequest(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tests := []struct {
		name string
		call ports.PluginCall
		want wire.Request
		body string
	}{
		{"describe", ports.PluginCall{Op: ports.PluginDescribe}, wire.Request{Op: wire.Describe}, `null`},
		{
			"node", ports.PluginCall{Op: ports.PluginNode, Name: "greet", Payload: value(t, `{"a":1}`), Params: value(t, `{"b":"<é>"}`), Workflow: "w", Run: "r", Node: "n"},
			wire.Request{Op: wire.Node, Name: "greet", Workflow: "w", Run: "r", Node: "n", Params: json.RawMessage(`{"b":"<é>"}`)}, `{"a":1}`,
		},
		{"function", ports.PluginCall{Op: ports.PluginFunction, Name: "f", Payload: value(t, `[1]`)}, wire.Request{Op: wire.Function, Name: "f"}, `[1]`},
		{
			"action", ports.PluginCall{Op: ports.PluginAction, Name: "a", Payload: value(t, `"x"`), Request: &ports.PluginRequest{
				Query: map[string][]string{"q": {"1", "2"}}, Headers: map[string]string{"X": "y"}, ContentType: "application/json", Caller: "ci",
			}},
			wire.Request{Op: wire.Action, Name: "a", Query: map[string][]string{"q": {"1", "2"}}, Headers: map[string]string{"X": "y"}, ContentType: "application/json", Caller: "ci"}, `"x"`,
		},
		{
			"bytes", ports.PluginCall{Op: ports.PluginAction, Name: "a", Request: &ports.PluginRequest{Body: []byte("\x00\xff")}},
			wire.Request{Op: wire.Action, Name: "a", Encoding: wire.Base64}, `"AP8="`,
		},
		{
			"no bytes", ports.PluginCall{Op: ports.PluginAction, Name: "a", Request: &ports.PluginRequest{Body: []byte{}}},
			wire.Request{Op: wire.Action, Name: "a", Encoding: wire.Base64}, `""`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got wire.Request
			var body string
			p := open(func(_ context.Context, op wire.Op, f wire.Frame, _ calls.HostFunc) (wire.Frame, error) {
				if err := json.Unmarshal(f.Header, &got); err != nil || op != got.Op {
					t.Errorf("header %s of %s: %v", f.Header, op, err)
				}
				body = string(f.Payload)
				return wire.Frame{Header: []byte(`{}`)}, nil
			})
			if _, err := p.Call(ctx, tt.call, nil); err != nil {
				t.Fatal(err)
			}
			if got.DeadlineMS < 1 || got.DeadlineMS > 60_000 {
				t.Errorf("deadline_ms = %d", got.DeadlineMS)
			}
			got.DeadlineMS = 0
			if tt.want.Params != nil {
				if value(t, string(got.Params)).FieldText("b") != "<é>" {
					t.Errorf("params %s", got.Params)
				}
				got.Params, tt.want.Params = nil, nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || body != tt.body {
				t.Errorf("payload %s, want %s; header (-want +got):\n%s", body, tt.body, diff)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name         string
		op           ports.PluginOp
		header, body string
		want         ports.PluginResult
	}{
		{"value and output", ports.PluginNode, `{"next":"ok"}`, `{"a":1}`, ports.PluginResult{Payload: value(t, `{"a":1}`), Next: "ok"}},
		{"nothing is null", ports.PluginNode, `{}`, ``, ports.PluginResult{}},
		{"unknown fields of the header", ports.PluginNode, `{"later":1}`, `1`, ports.PluginResult{Payload: value(t, `1`)}},
		{"blanks", ports.PluginNode, ` { } `, " 1\n", ports.PluginResult{Payload: value(t, `1`)}},
		{
			"emissions", ports.PluginNode, `{"emitted":true}`, `[{"payload":1,"next":"a"},{"next":"b"},{"payload":{"x":2}}]`,
			ports.PluginResult{Emitted: []ports.PluginEmission{{Payload: value(t, `1`), Next: "a"}, {Next: "b"}, {Payload: value(t, `{"x":2}`)}}},
		},
		{"no emissions", ports.PluginNode, `{"emitted":true}`, `[]`, ports.PluginResult{Emitted: []ports.PluginEmission{}}},
		{"functions do not emit", ports.PluginFunction, `{"emitted":true}`, `[1]`, ports.PluginResult{Payload: value(t, `[1]`)}},
		{
			"response", ports.PluginAction, `{"status":201,"headers":{"X":"y"}}`, `"x"`,
			ports.PluginResult{Payload: value(t, `"x"`), Status: 201, Headers: map[string]string{"X": "y"}},
		},
		{
			"bytes", ports.PluginAction, `{"encoding":"base64"}`, `"AP8="`,
			ports.PluginResult{Payload: value(t, `"AP8="`), Body: []byte("\x00\xff")},
		},
		{"no bytes", ports.PluginAction, `{"encoding":"base64"}`, `""`, ports.PluginResult{Payload: value(t, `""`), Body: []byte{}}},
		{"as much as may come", ports.PluginNode, `{}`, `"` + strings.Repeat("x", 98) + `"`, ports.PluginResult{Payload: value(t, `"`+strings.Repeat("x", 98)+`"`)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := open(answering(tt.header, tt.body)).Call(t.Context(), ports.PluginCall{Op: tt.op}, nil)
			if err != nil {
				t.Fatal(err)
			}
			text := func(v payload.Value) string { return string(v.Bytes()) }
			if diff := cmp.Diff(tt.want, got, cmp.Transformer("json", text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenAnswers(t *testing.T) {
	tests := []struct {
		name         string
		op           ports.PluginOp
		header, body string
		want         string
	}{
		{"no header", ports.PluginNode, ``, `1`, "the header of its answer is not what ABI.md says"},
		{"header no JSON", ports.PluginNode, `{`, `1`, "the header of its answer"},
		{"header no object", ports.PluginNode, `[1]`, `1`, "the header of its answer"},
		{"header with wrong types", ports.PluginNode, `{"next":1}`, `1`, "the header of its answer"},
		{"error of the wrong type", ports.PluginNode, `{"error":"bad"}`, `1`, "the header of its answer"},
		{"payload no JSON", ports.PluginNode, `{}`, `{`, "the payload of its answer is not JSON"},
		{"payload no UTF-8", ports.PluginNode, `{}`, "\"\xff\"", "the payload of its answer is not JSON"},
		{"two payloads", ports.PluginNode, `{}`, `1 2`, "the payload of its answer is not JSON"},
		{"NaN", ports.PluginNode, `{}`, `NaN`, "the payload of its answer is not JSON"},
		{"too large", ports.PluginNode, `{}`, `"` + strings.Repeat("x", 99) + `"`, "its answer has 101 bytes; its max_payload is 100"},
		{"emissions no list", ports.PluginNode, `{"emitted":true}`, `{}`, "what it emitted is no array"},
		{"emissions of the wrong type", ports.PluginNode, `{"emitted":true}`, `[1]`, "what it emitted at 0 is no {payload, next}"},
		{"long name of an output", ports.PluginNode, `{"next":"` + strings.Repeat("x", 257) + `"}`, `1`, "the name of the output it chose has 257 bytes"},
		{"large headers", ports.PluginAction, `{"headers":{"X":"` + strings.Repeat("x", 32<<10) + `"}}`, `1`, "1 headers of 32769 bytes; the most is 64 of 32768"},
		{"many headers", ports.PluginAction, `{"headers":{"` + strings.Join(strings.Fields(numbers(65)), `":"","`) + `":""}}`, `1`, "65 headers of"},
		{"bytes not as text", ports.PluginAction, `{"encoding":"base64"}`, `{}`, "is not base64"},
		{"bytes badly encoded", ports.PluginAction, `{"encoding":"base64"}`, `"?"`, "is not base64"},
		{"another encoding", ports.PluginAction, `{"encoding":"gzip"}`, `""`, `the encoding "gzip" of its answer is unknown`},
		{"status 99", ports.PluginAction, `{"status":99}`, `1`, "the HTTP status 99"},
		{"status 101", ports.PluginAction, `{"status":101}`, `1`, "the HTTP status 101"},
		{"status 600", ports.PluginAction, `{"status":600}`, `1`, "the HTTP status 600"},
		{"status below nothing", ports.PluginAction, `{"status":-1}`, `1`, "the HTTP status -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := open(answering(tt.header, tt.body)).Call(t.Context(), ports.PluginCall{Op: tt.op}, nil)
			if fault.CodeOf(err) != fault.PluginFailed || !strings.HasPrefix(err.Error(), "plugin p: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if !got.Payload.IsZero() || got.Emitted != nil || got.Body != nil {
				t.Errorf("something came back: %+v", got)
			}
		})
	}
}

// numbers are those below n.
func numbers(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprint(&text, i, " ")
	}
	return text.String()
}

func TestEmissionsAreBounded(t *testing.T) {
	for n, want := range map[int]fault.Code{100_000: "", 100_001: fault.PluginFailed, 2_000_000: fault.PluginFailed} {
		p := calls.New(answering(`{"emitted":true}`, "["+strings.Repeat("{},", n-1)+"{}]"), ports.PluginSpec{Name: "p", MaxPayload: 8 << 20})
		got, err := p.Call(t.Context(), ports.PluginCall{Op: ports.PluginNode}, nil)
		if fault.CodeOf(err) != want || err == nil && len(got.Emitted) != n {
			t.Errorf("%d: %d came back, error %v", n, len(got.Emitted), err)
		}
	}
}

func TestTooLargeForThePlugin(t *testing.T) {
	p := open(func(context.Context, wire.Op, wire.Frame, calls.HostFunc) (wire.Frame, error) {
		t.Error("the plugin was called")
		return wire.Frame{}, nil
	})
	for name, call := range map[string]ports.PluginCall{
		"payload": {Payload: value(t, `"`+strings.Repeat("x", 99)+`"`)},
		"bytes":   {Request: &ports.PluginRequest{Body: make([]byte, 75)}}, // 100 in base64, and quotes
	} {
		if _, err := p.Call(t.Context(), call, nil); fault.CodeOf(err) != fault.TooLarge || !strings.Contains(err.Error(), "max_payload is 100") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTransportFaults(t *testing.T) {
	deadline, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	left, leave := context.WithCancel(t.Context())
	leave()
	ended, end := context.WithCancelCause(t.Context())
	end(fault.New(fault.LimitExceeded, "the run took too long").OverLimit("limits.run_time"))
	tests := []struct {
		name string
		ctx  context.Context
		err  error
		code fault.Code
		want string
	}{
		{"crash", t.Context(), fault.New(fault.PluginFailed, "it crashed"), fault.PluginFailed, "plugin p: it crashed"},
		{"down", t.Context(), fault.New(fault.Unavailable, "it starts again").Retry(3), fault.Unavailable, "plugin p: it starts again"},
		{"deadline", deadline, fault.New(fault.Cancelled, "stopped"), fault.LimitExceeded, "the plugin p took too long"},
		{"deadline, foreign error", deadline, context.DeadlineExceeded, fault.LimitExceeded, "the plugin p took too long"},
		{"nobody waits", left, fault.New(fault.Cancelled, "stopped"), fault.Cancelled, "the call of the plugin p was cancelled"},
		{"the caller's reason", ended, fault.New(fault.Cancelled, "stopped"), fault.LimitExceeded, "the run took too long"},
		{"crash at the end", deadline, fault.New(fault.PluginFailed, "it crashed"), fault.PluginFailed, "plugin p: it crashed"},
		{"ours", t.Context(), errors.New("nil pointer"), fault.Internal, "plugin p: internal error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := open(failing(tt.err)).Call(tt.ctx, ports.PluginCall{}, nil)
			if fault.CodeOf(err) != tt.code || err.Error() != tt.want {
				t.Errorf("got %s %v", fault.CodeOf(err), err)
			}
		})
	}
	if _, err := open(failing(fault.New(fault.Unavailable, "x").Retry(3))).Call(t.Context(), ports.PluginCall{}, nil); fault.As(err).RetryAfter != 3 {
		t.Errorf("the advice is lost: %+v", fault.As(err))
	}
	if _, err := open(failing(fault.New(fault.Cancelled, "x"))).Call(deadline, ports.PluginCall{}, nil); fault.As(err).Limit != "plugins.call_timeout" {
		t.Errorf("the limit is not named: %+v", fault.As(err))
	}
}

func TestSendRaw(t *testing.T) {
	p := open(func(_ context.Context, op wire.Op, f wire.Frame, host calls.HostFunc) (wire.Frame, error) {
		if op != wire.Node || string(f.Header) != "garbage" || string(f.Payload) != "{" {
			t.Errorf("%s got %q %q", op, f.Header, f.Payload)
		}
		return host(t.Context(), wire.Frame{Header: []byte(`{"method":"log"}`)}), nil
	})
	answer, err := calls.SendRaw(t.Context(), p, ports.PluginNode, wire.Frame{Header: []byte("garbage"), Payload: []byte("{")})
	if err != nil || !strings.Contains(string(answer.Header), "permission_denied") {
		t.Errorf("got %s, %v", answer.Header, err)
	}
	if _, err := calls.SendRaw(t.Context(), nil, ports.PluginNode, wire.Frame{}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
	if _, err := calls.SendRaw(t.Context(), open(failing(fault.New(fault.PluginFailed, "it crashed"))), ports.PluginNode, wire.Frame{}); fault.CodeOf(err) != fault.PluginFailed {
		t.Errorf("got %v", err)
	}
}
