package plugins_test

import (
	"context"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// TestTheHostAnswersWithinRights calls every method, granted and not.
func TestTheHostAnswersWithinRights(t *testing.T) {
	for _, row := range []struct{ name, method, args, want string }{
		{"get nothing", "kv.get", `{"space":"hello","key":"k"}`, `{"found":false,"value":null}`},
		{"get", "kv.get", `{"space":"hello","key":"there"}`, `{"found":true,"value":[1]}`},
		{"set", "kv.set", `{"space":"hello","key":"k","value":{"a":1}}`, `null`},
		{"set without value", "kv.set", `{"space":"hello","key":"k"}`, "malformed"},
		{"delete", "kv.delete", `{"space":"hello","key":"k"}`, `null`},
		{"no key", "kv.get", `{"space":"hello"}`, "malformed"},
		{"long key", "kv.get", `{"space":"hello","key":"` + strings.Repeat("k", 513) + `"}`, "malformed"},
		{"big value", "kv.set", `{"space":"hello","key":"k","value":"` + strings.Repeat("v", 1<<20) + `"}`, "too_large"},
		{"another space", "kv.get", `{"space":"other","key":"k"}`, "forbidden"},
		{"secret", "secret.get", `{"name":"KEY"}`, `"s3cret"`},
		{"secret not asked for", "secret.get", `{"name":"MISSING"}`, "forbidden"},
		{"log", "log", `{"level":"warn","message":"hi there","fields":{"a":1}}`, `null`},
		{"fetch", "http.fetch", `{"url":"https://api.example.com/x","headers":{"A":"b"},"body":"q"}`, `{"body":"POST q b","headers":{"Set-Cookie":"a, b"},"status":201}`},
		{"fetch bytes", "http.fetch", `{"url":"https://api.example.com/bytes","body_base64":"/w=="}`, `{"body_base64":"/w==","headers":{},"status":200}`},
		{"fetch bad base64", "http.fetch", `{"url":"https://api.example.com/","body_base64":"*"}`, "malformed"},
		{"fetch another host", "http.fetch", `{"url":"https://evil.example.com/x"}`, "forbidden"},
		{"fetch another user", "http.fetch", `{"url":"https://api.example.com@evil.com/"}`, "forbidden"},
		{"fetch no URL", "http.fetch", `{"url":"api.example.com"}`, "malformed"},
		{"fetch wrong type", "http.fetch", `{"url":1}`, "malformed"},
		{"unknown", "os.exec", `{}`, "not_found"},
		{"no object", "kv.get", `[]`, "malformed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld(t)
			w.values["hello/there"] = value(t, `[1]`)
			w.http = func(r node.HTTPRequest) (node.HTTPResult, error) {
				if len(r.OnlyHosts) != 1 || r.OnlyHosts[0] != "api.example.com" || r.MaxBytes != 1<<20 {
					t.Errorf("request %+v", r)
				}
				if strings.HasSuffix(r.URL, "bytes") {
					return node.HTTPResult{Status: 200, Body: r.Body}, nil
				}
				return node.HTTPResult{
					Status: 201, Body: []byte("POST " + string(r.Body) + " " + r.Header[0].Value),
					Header: []node.Header{{Name: "Set-Cookie", Value: "a"}, {Name: "Set-Cookie", Value: "b"}},
				}, nil
			}
			got := ""
			w.behaviours["\x00asm one"] = instead(func(ctx context.Context, _ ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
				v, err := h.CallHost(ctx, row.method, value(t, row.args))
				got = string(v.Bytes())
				if err != nil {
					got = string(fault.CodeOf(err))
				}
				return ports.PluginResult{}, nil
			})
			w.start()
			if _, err := w.greet(`1`); err != nil {
				t.Fatal(err)
			}
			if got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
			if row.name == "log" && !strings.Contains(w.logs.String(), `level=WARN msg="hi there" plugin=hello`) {
				t.Errorf("log %s", &w.logs)
			}
			if strings.Contains(w.logs.String(), "s3cret") {
				t.Error("the secret was logged")
			}
		})
	}
}

func TestHostCallsAreBounded(t *testing.T) {
	w := newWorld(t)
	w.behaviours["\x00asm one"] = instead(func(ctx context.Context, _ ports.PluginCall, h ports.PluginHost) (ports.PluginResult, error) {
		for {
			if _, err := h.CallHost(ctx, "kv.get", value(t, `{"space":"hello","key":"k"}`)); err != nil {
				return ports.PluginResult{}, err
			}
		}
	})
	w.start()
	_, err := w.greet(`1`)
	w.wantCode(err, fault.LimitExceeded, "10000 times")
}

func TestEmissions(t *testing.T) {
	w := newWorld(t)
	w.behaviours["\x00asm one"] = instead(func(context.Context, ports.PluginCall, ports.PluginHost) (ports.PluginResult, error) {
		return ports.PluginResult{Emitted: []ports.PluginEmission{{Payload: payload.Text("a")}, {Payload: payload.Text("b"), Next: "other"}}}, nil
	})
	w.start()
	r, err := w.RunNode(t.Context(), node.PluginRequest{Plugin: "hello"}, plugins.Caller{})
	if err != nil || len(r.Emitted) != 2 || r.Emitted[1].Next != "other" {
		t.Errorf("%+v %v", r, err)
	}
}
