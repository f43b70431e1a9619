package plugin_test

import (
	"context"
	"errors"
	"testing"
	"time"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/plugintest"
)

// inCall runs fn inside a call of a plugin that has the capabilities of kinds.
func inCall(t *testing.T, prepare func(h *plugintest.Host), fn func(ctx context.Context, h plugin.Host)) *plugintest.Host {
	t.Helper()
	p := kinds()
	ran := false
	p.Functions = append(p.Functions, plugin.FunctionOf0("test", "", func(ctx context.Context) (bool, error) {
		ran = true
		fn(ctx, plugin.HostFrom(ctx))
		return true, nil
	}))
	r := plugintest.New(p)
	if prepare != nil {
		prepare(r.Host)
	}
	if _, err := r.Function(t.Context(), "test"); err != nil || !ran {
		t.Fatalf("ran: %v, %v", ran, err)
	}
	return r.Host
}

func TestKV(t *testing.T) {
	h := inCall(t, func(h *plugintest.Host) { h.SetValue("space", "old", 1) }, func(ctx context.Context, h plugin.Host) {
		kv := h.KV("space")
		var v inner
		found, err := kv.Get(ctx, "k", &v)
		same(t, "nothing yet", found, false)
		same(t, "error", err, nil)
		same(t, "set", kv.Set(ctx, "k", inner{"ñ"}), nil)
		found, err = kv.Get(ctx, "k", &v)
		same(t, "found", found, true)
		same(t, "error", err, nil)
		same(t, "value", v, inner{"ñ"})
		same(t, "delete", kv.Delete(ctx, "old"), nil)
		same(t, "delete it again", kv.Delete(ctx, "old"), nil)
		var n int
		_, err = kv.Get(ctx, "k", &n)
		same(t, "another type", plugin.CodeOf(err), plugin.Internal)
		_, err = h.KV("other").Get(ctx, "k", &v)
		same(t, "another space", outcome(nil, err), "permission_denied: kv other was not granted to the plugin")
	})
	v, _ := h.Value("space", "k")
	same(t, "afterwards", string(v), `{"must":"ñ"}`)
	_, found := h.Value("space", "old")
	same(t, "old", found, false)
}

func TestFetch(t *testing.T) {
	h := inCall(t, func(h *plugintest.Host) {
		h.Answer("GET", "https://api.example.com/a", plugin.FetchResponse{Body: []byte(`{"must":"x"}`), Headers: map[string]string{"X-A": "b"}})
		h.Answer("PUT", "https://api.example.com/b", plugin.FetchResponse{Status: 404, Body: []byte{0, 255}})
	}, func(ctx context.Context, h plugin.Host) {
		r, err := h.Fetch(ctx, plugin.FetchRequest{URL: "https://api.example.com/a", Timeout: time.Microsecond})
		if err != nil {
			t.Fatal(err)
		}
		var v inner
		same(t, "JSON", r.JSON(&v), nil)
		same(t, "value", v, inner{"x"})
		same(t, "answer", *r, plugin.FetchResponse{Status: 200, Headers: map[string]string{"X-A": "b"}, Body: []byte(`{"must":"x"}`)})
		r, err = h.Fetch(ctx, plugin.FetchRequest{Method: "PUT", URL: "https://api.example.com/b", Body: []byte{1, 254}, Headers: map[string]string{"A": "b"}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "bytes", *r, plugin.FetchResponse{Status: 404, Body: []byte{0, 255}})
		same(t, "no JSON", plugin.CodeOf(r.JSON(&v)), plugin.Unavailable)
		for url, want := range map[string]plugin.Code{
			"https://example.com/":           plugin.PermissionDenied,
			"https://notexample.com/":        plugin.PermissionDenied,
			"https://api.example.com/nobody": plugin.Unavailable,
			"nothing":                        plugin.InvalidArgument,
		} {
			_, err := h.Fetch(ctx, plugin.FetchRequest{URL: url})
			same(t, url, plugin.CodeOf(err), want)
		}
	})
	same(t, "request with bytes", h.Requests()[1], plugin.FetchRequest{Method: "PUT", URL: "https://api.example.com/b", Body: []byte{1, 254}, Headers: map[string]string{"A": "b"}})
}

func TestSecretAndDenial(t *testing.T) {
	prepare := func(h *plugintest.Host) {
		h.SetSecret("key", "swordfish")
		h.Deny("kv", "space")
		h.Fail("log", plugin.Retryable(plugin.Errorf(plugin.ResourceExhausted, "too many")))
	}
	inCall(t, prepare, func(ctx context.Context, h plugin.Host) {
		v, err := h.Secret(ctx, "key")
		same(t, "secret", v, "swordfish")
		same(t, "error", err, nil)
		_, err = h.Secret(ctx, "other")
		same(t, "another one", plugin.CodeOf(err), plugin.PermissionDenied)
		same(t, "taken away", plugin.CodeOf(h.KV("space").Set(ctx, "k", 1)), plugin.PermissionDenied)
		same(t, "unknown method", plugin.CodeOf(h.Call(ctx, "no.such", nil, nil)), plugin.NotFound)
		var e *plugin.Error
		if err := h.Call(ctx, "log", map[string]any{}, nil); !errors.As(err, &e) || !e.Retryable {
			t.Errorf("failure that was asked for: %v", err)
		}
		h.Info(ctx, "a log that fails harms nobody")
	})
}

func TestLog(t *testing.T) {
	h := inCall(t, nil, func(ctx context.Context, h plugin.Host) {
		h.Debug(ctx, "d")
		h.Info(ctx, "i", "n", 1, "err", errors.New("oops"), "channel", make(chan int))
		h.Warn(ctx, "w", "alone")
		h.Error(ctx, "e", 1, "x")
	})
	lines := h.Lines()
	if len(lines) != 4 {
		t.Fatalf("lines: %v", lines)
	}
	if _, isText := lines[1].Fields["channel"].(string); !isText {
		t.Errorf("channel: %v", lines[1].Fields["channel"])
	}
	delete(lines[1].Fields, "channel")
	same(t, "lines", lines, []plugintest.Line{
		{Level: "debug", Message: "d"},
		{Level: "info", Message: "i", Fields: map[string]any{"n": 1.0, "err": "oops"}},
		{Level: "warn", Message: "w", Fields: map[string]any{"!": "alone"}},
		{Level: "error", Message: "e", Fields: map[string]any{"1": "x"}},
	})
}

// TestOutsideOfACall wants nothing to happen, and nothing to crash.
func TestOutsideOfACall(t *testing.T) {
	ctx := t.Context()
	_, err := plugin.HostFrom(ctx).Secret(ctx, "key")
	same(t, "host", plugin.CodeOf(err), plugin.PermissionDenied)
	plugin.Next(ctx, "output_1")
	same(t, "emit", plugin.CodeOf(plugin.Emit(ctx, 1, "")), plugin.Internal)
	same(t, "call", plugin.CallFrom(ctx), plugin.Call{})
	same(t, "request", plugin.RequestFrom(ctx), plugin.Request{})
}

func TestAHostCallEndsWithItsContext(t *testing.T) {
	inCall(t, nil, func(ctx context.Context, h plugin.Host) {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		same(t, "code", plugin.CodeOf(h.KV("space").Set(ended, "k", 1)), plugin.Cancelled)
	})
}
