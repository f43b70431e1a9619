package calls_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestFaultsOfThePlugin(t *testing.T) {
	tests := []struct {
		code  wire.Code
		want  fault.Code
		retry bool
	}{
		{wire.InvalidArgument, fault.Malformed, false},
		{wire.PermissionDenied, fault.Forbidden, false},
		{wire.NotFound, fault.NotFound, false},
		{wire.Conflict, fault.Conflict, false},
		{wire.PayloadTooLarge, fault.TooLarge, false},
		{wire.ResourceExhausted, fault.LimitExceeded, true},
		{wire.Internal, fault.PluginFailed, false},
		{wire.Unavailable, fault.Unavailable, true},
		{wire.DeadlineExceeded, fault.UpstreamTimeout, false},
		{wire.Cancelled, fault.Cancelled, false},
		{"strange", fault.PluginFailed, false},
		{"", fault.PluginFailed, false},
	}
	for _, tt := range tests {
		t.Run(string(tt.code), func(t *testing.T) {
			header, err := json.Marshal(wire.Response{Error: &wire.Error{Code: tt.code, Message: "no tea", Retryable: true, Details: json.RawMessage(`{"pots":[1]}`)}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = open(answering(string(header), `"ignored`)).Call(t.Context(), ports.PluginCall{Op: ports.PluginNode}, nil)
			f := fault.As(err)
			if f.Code != tt.want || f.Message != "plugin p: no tea" || (f.RetryAfter > 0) != tt.retry {
				t.Errorf("got %+v", f)
			}
			want := `{"plugin":"p","code":"` + string(tt.code) + `","retryable":true,"details":{"pots":[1]}}`
			if f.Detail != want {
				t.Errorf("detail %s, want %s", f.Detail, want)
			}
		})
	}
}

func TestFaultsOfThePluginAreBounded(t *testing.T) {
	header, err := json.Marshal(wire.Response{Error: &wire.Error{
		Code: wire.Internal, Message: strings.Repeat("é", 5000), Details: json.RawMessage(`"` + strings.Repeat("x", 100_000) + `"`),
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = open(answering(string(header), ``)).Call(t.Context(), ports.PluginCall{}, nil)
	f := fault.As(err)
	if len(f.Message) > 2100 || !utf8.ValidString(f.Message) || len(f.Detail) > 1000 {
		t.Errorf("%d bytes of message, %d of detail: %s", len(f.Message), len(f.Detail), f.Message)
	}
}

func TestOddFaultsOfThePlugin(t *testing.T) {
	header := `{"error":{"code":"` + strings.Repeat("c", 10_000) + `","message":"m","details":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}}`
	_, err := open(answering(header, ``)).Call(t.Context(), ports.PluginCall{}, nil)
	want := `{"plugin":"p","code":"` + strings.Repeat("c", 64) + `...","retryable":false}`
	if f := fault.As(err); f.Code != fault.PluginFailed || f.Detail != want {
		t.Errorf("code %s, detail %s", f.Code, f.Detail)
	}
}

// host answers host calls with a function.
type host func(method string, args payload.Value) (payload.Value, error)

func (h host) CallHost(_ context.Context, method string, args payload.Value) (payload.Value, error) {
	return h(method, args)
}

// ask makes one host call from inside a plugin.
func ask(t *testing.T, h ports.PluginHost, header, args string) (wire.HostResponse, string) {
	t.Helper()
	var answer wire.Frame
	p := open(func(ctx context.Context, _ wire.Op, _ wire.Frame, host calls.HostFunc) (wire.Frame, error) {
		answer = host(ctx, wire.Frame{Header: []byte(header), Payload: []byte(args)})
		return wire.Frame{Header: []byte(`{}`)}, nil
	})
	if _, err := p.Call(t.Context(), ports.PluginCall{}, h); err != nil {
		t.Fatal(err)
	}
	var r wire.HostResponse
	if err := json.Unmarshal(answer.Header, &r); err != nil {
		t.Fatalf("header %q: %v", answer.Header, err)
	}
	return r, string(answer.Payload)
}

func TestHostCalls(t *testing.T) {
	echo := host(func(method string, args payload.Value) (payload.Value, error) {
		return payload.Member(method, args), nil
	})
	tests := []struct{ name, header, args, want string }{
		{"arguments", `{"method":"kv.get"}`, `{"key":"a"}`, `{"kv.get":{"key":"a"}}`},
		{"no arguments", `{"method":"log"}`, ``, `{"log":{}}`},
		{"other arguments", `{"method":"x"}`, `[1]`, `{"x":[1]}`},
		{"no method", `{}`, `{}`, `{"":{}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if r, got := ask(t, echo, tt.header, tt.args); r.Error != nil || got != tt.want {
				t.Errorf("got %s, %v", got, r.Error)
			}
		})
	}
}

func TestHostFaults(t *testing.T) {
	answer := func(v payload.Value, err error) host {
		return func(string, payload.Value) (payload.Value, error) { return v, err }
	}
	cause := errors.New("dial tcp 10.0.0.1: password=x")
	tests := []struct {
		name         string
		host         ports.PluginHost
		header, args string
		code         wire.Code
		message      string
		retryable    bool
	}{
		{"nobody", nil, `{"method":"log"}`, ``, wire.PermissionDenied, "no host calls are answered now", false},
		{"denied", answer(payload.Value{}, fault.New(fault.Forbidden, "kv x was not granted")), `{}`, ``, wire.PermissionDenied, "kv x was not granted", false},
		{"missing", answer(payload.Value{}, fault.New(fault.NotFound, "no such secret")), `{}`, ``, wire.NotFound, "no such secret", false},
		{"wrong", answer(payload.Value{}, fault.New(fault.Invalid, "key is missing")), `{}`, ``, wire.InvalidArgument, "key is missing", false},
		{"conflict", answer(payload.Value{}, fault.New(fault.Conflict, "c")), `{}`, ``, wire.Conflict, "c", false},
		{"limit", answer(payload.Value{}, fault.New(fault.LimitExceeded, "too many keys")), `{}`, ``, wire.ResourceExhausted, "too many keys", false},
		{"disabled", answer(payload.Value{}, fault.New(fault.Disabled, "off")), `{}`, ``, wire.PermissionDenied, "off", false},
		{"down", answer(payload.Value{}, fault.New(fault.Unavailable, "away").Retry(2)), `{}`, ``, wire.Unavailable, "away", true},
		{"upstream", answer(payload.Value{}, fault.New(fault.Upstream, "502")), `{}`, ``, wire.Unavailable, "502", false},
		{"slow", answer(payload.Value{}, fault.New(fault.UpstreamTimeout, "slow")), `{}`, ``, wire.DeadlineExceeded, "slow", false},
		{"cancelled", answer(payload.Value{}, fault.New(fault.Cancelled, "gone")), `{}`, ``, wire.Cancelled, "gone", false},
		{"ours, with internals", answer(payload.Value{}, fault.Wrap(cause, fault.Internal, "cannot read %v", cause)), `{}`, ``, wire.Internal, "the host failed", false},
		{"foreign, with internals", answer(payload.Value{}, cause), `{}`, ``, wire.Internal, "the host failed", false},
		{"unknown code", answer(payload.Value{}, fault.New(fault.ScriptFailed, "s")), `{}`, ``, wire.Internal, "s", false},
		{"too large", answer(value(t, `"`+strings.Repeat("x", 99)+`"`), nil), `{}`, ``, wire.PayloadTooLarge, "the answer has 101 bytes; max_payload is 100", false},
		{"header no JSON", answer(payload.Value{}, nil), `{`, ``, wire.InvalidArgument, "the header of the host call is not what ABI.md says", false},
		{"header of the wrong type", answer(payload.Value{}, nil), `{"method":1}`, ``, wire.InvalidArgument, "the header of the host call is not what ABI.md says", false},
		{"no header", answer(payload.Value{}, nil), ``, ``, wire.InvalidArgument, "the header of the host call is not what ABI.md says", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, body := ask(t, tt.host, tt.header, tt.args)
			if r.Error == nil {
				t.Fatalf("it succeeded with %s", body)
			}
			if r.Error.Code != tt.code || r.Error.Message != tt.message || r.Error.Retryable != tt.retryable || body != "" {
				t.Errorf("got %+v %s", r.Error, body)
			}
		})
	}
	if r, _ := ask(t, answer(payload.Value{}, nil), `{}`, `{`); r.Error == nil || r.Error.Code != wire.InvalidArgument {
		t.Errorf("arguments that are no JSON: %+v", r.Error)
	}
}

// TestDescribeAndConfigureHaveNoHost: so it is with every transport.
func TestDescribeAndConfigureHaveNoHost(t *testing.T) {
	for _, op := range []ports.PluginOp{ports.PluginDescribe, ports.PluginConfigure, ports.PluginNode} {
		asked := false
		h := host(func(string, payload.Value) (payload.Value, error) { asked = true; return payload.Value{}, nil })
		p := open(func(ctx context.Context, _ wire.Op, _ wire.Frame, ask calls.HostFunc) (wire.Frame, error) {
			ask(ctx, wire.Frame{Header: []byte(`{"method":"log"}`)})
			return wire.Frame{Header: []byte(`{}`)}, nil
		})
		if _, err := p.Call(t.Context(), ports.PluginCall{Op: op}, h); err != nil || asked != (op == ports.PluginNode) {
			t.Errorf("%s: the host was asked: %v; %v", op, asked, err)
		}
	}
}
