package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// The first node receives query, body and path variables merged.
func TestFirstPayload(t *testing.T) {
	w := newWorld(t)
	w.publish("echo", doc(start("s", "ANY", "/e/:id", "output_1>r"), raw("r", `{"type":"response"}`, ""), start("s2", "ANY", "/plain", "output_1>r")))
	text := func(in *ports.Inbound, contentType, body string) *ports.Inbound {
		in.Header["Content-Type"], in.Body = []string{contentType}, []byte(body)
		return in
	}
	tests := []struct {
		name string
		in   *ports.Inbound
		want string
	}{
		{"nothing", get("/plain"), `200 {}`},
		{"path variable", get("/e/7"), `200 {"id":"7"}`},
		{"query", get("/plain?a=1&b=2&b=3&c"), `200 {"a":"1","b":["2","3"],"c":""}`},
		{"JSON", request("POST", "/plain", `{"a":{"b":[1e400]}}`), `200 {"a":{"b":[1e400]}}`},
		{"later wins", request("POST", "/e/7?id=q&a=q&x=q", `{"id":"b","a":"b"}`), `200 {"a":"b","id":"7","x":"q"}`},
		{"JSON list stands under body", request("POST", "/plain", `[1]`), `200 {"body":[1]}`},
		{"form", request("POST", "/plain", `a=1&b=2&b=3`), `200 {"a":"1","b":["2","3"]}`},
		{"form and query", request("POST", "/plain?a=q&z=q", `a=1`), `200 {"a":"1","z":"q"}`},
		{"text stands under body", text(request("POST", "/plain", ""), "text/plain", "hi"), `200 {"body":"hi"}`},
		{"JSON under a form's type", text(request("POST", "/plain", ""), "application/x-www-form-urlencoded", `{"a":1}`), `200 {"a":1}`},
		{"JSON of another name", text(request("POST", "/plain", ""), "application/problem+json; charset=utf-8", `{"a":1}`), `200 {"a":1}`},
		{"bytes are no JSON", text(request("POST", "/plain", ""), "application/octet-stream", "\xff"), `200 {"body":"\ufffd"}`},
		{"broken JSON", text(request("POST", "/plain", ""), "application/json", `{"a":`), `malformed`},
		{"JSON that is not UTF-8", text(request("POST", "/plain", ""), "application/json", "\"\xff\""), `malformed`},
		{"broken query", get("/plain?a=%zz"), `malformed`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := w.serve(tt.in); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestServe(t *testing.T) {
	w := newWorld(t)
	w.publish("a", doc(start("s", "POST", "/a/:x/:y", "output_1>f"), js("f", "f();", "")))
	w.engine.on("f();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		in := call.Host.Request()
		return node.ScriptResult{Payload: payload.Text(fmt.Sprint(in.PathVars, in.Method))}, nil
	})
	out, err := w.Serve(t.Context(), request("POST", "/a/1/2", ""))
	if got := answer(out, err); got != "200 [{x 1} {y 2}]POST" || !strings.HasPrefix(out.RunID, "run-") || out.Session.Changed {
		t.Errorf("got %s, %+v", got, out)
	}
	w.expect(get("/b"), "not_found")
	_, err = w.Serve(t.Context(), get("/a/1/2"))
	if f := fault.As(err); f.Code != fault.MethodNotAllowed || f.Field != "POST" {
		t.Errorf("got %v", err)
	}
	w.engine.on("f();", func(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
		return node.ScriptResult{}, fault.New(fault.ScriptFailed, "boom").AtLine(3, 4)
	})
	out, err = w.Serve(t.Context(), request("POST", "/a/1/2", ""))
	if f := fault.As(err); f.Code != fault.ScriptFailed || f.Workflow != "a" || f.Node != "f" || f.Line != 3 || out.RunID == "" {
		t.Errorf("got %v, %+v", err, out)
	}
}

func TestExecute(t *testing.T) {
	w := newWorld(t)
	w.engine.on("slow();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		w.clock.pass(125e6)
		return node.ScriptResult{Payload: call.Payload.With("done", payload.Trusted([]byte("true")))}, nil
	})
	w.engine.on("fail();", func(context.Context, ports.ScriptCall) (node.ScriptResult, error) {
		return node.ScriptResult{}, fault.New(fault.ScriptFailed, "boom")
	})
	w.publish("x", doc(start("a", "ANY", "", "output_1>slow"), js("slow", "slow();", ""), start("b", "ANY", "/b", "output_1>r"), raw("r", `{"type":"response","status":201,"body":{"r":"{{payload.n ?? 0}}"}}`, "output_1>fail"),
		start("c", "ANY", "/c", "output_1>fail"), js("fail", "fail();", ""), start("d", "ANY", "/d", "output_1>h"), raw("h", `{"type":"template","template":"<b>"}`, "")))
	tests := []struct{ name, id, start, input, want string }{
		{"first start node", "x", "", `{"n":1}`, `{"n":1,"done":true}`},
		{"no input", "x", "", `null`, `{"done":true}`},
		{"input of any kind", "x", "", `[1]`, `{"done":true}`},
		{"named start node, JSON answer", "x", "b", `{"n":5}`, `{"r":5}`},
		{"an answer in HTML leaves the payload", "x", "d", `{"n":5}`, `{"n":5}`},
		{"failure", "x", "c", `{}`, "script_failed"},
		{"unknown start node", "x", "r", `{}`, "not_found"},
		{"unknown workflow", "y", "", `{}`, "not_found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := w.Execute(t.Context(), tt.id, tt.start, value(t, tt.input), nil)
			got := string(fault.CodeOf(err))
			if err == nil {
				got = string(e.Output.Bytes())
			}
			if got != tt.want {
				t.Errorf("got %s (%v), want %s", got, err, tt.want)
			}
			if (e.RunID == "") != (tt.want == "not_found") {
				t.Errorf("run id %q", e.RunID)
			}
			if strings.Contains(tt.want, "done") && e.Millis != 125 {
				t.Errorf("%d ms", e.Millis)
			}
		})
	}
}

// Every effect of a run goes through its port, bounded by the limits.
func TestNodesReachTheirPorts(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Limits.Rows, c.Limits.ResponseBytes = 7, 9 })
	if err := w.store.PutTemplate(t.Context(), ports.Template{Name: "page", Content: "stored"}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.PutModule(t.Context(), ports.Module{Name: "double", Code: "function main(){}"}); err != nil {
		t.Fatal(err)
	}
	w.engine.on("function main(){}", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		return node.ScriptResult{Payload: payload.Text(call.Name + " " + call.Script.Entry)}, nil
	})
	w.publish("x", doc(
		start("http", "ANY", "/http", "output_1>h"), raw("h", `{"type":"http","url":"http://x/"}`, ""),
		start("db", "ANY", "/db", "output_1>d"), raw("d", `{"type":"db","database":"shop","query":"SELECT 1"}`, ""),
		start("mail", "ANY", "/mail", "output_1>m"), raw("m", `{"type":"mail","to":"a@b.c","text":"t"}`, ""),
		start("tpl", "ANY", "/template", "output_1>t"), raw("t", `{"type":"template","template":"page"}`, ""),
		start("tpl2", "ANY", "/inline", "output_1>t2"), raw("t2", `{"type":"template","template":"<b>","engine":"mustache"}`, ""),
		start("mod", "ANY", "/module", "output_1>j"), js("j", "double", ""),
		start("plug", "ANY", "/plugin", "output_1>p"), raw("p", `{"type":"plugin","plugin":"ai"}`, ""),
	))
	for path, want := range map[string]string{
		"/http": `200 {"body":"hello","headers":{},"status":200}`, "/db": `200 []`, "/mail": `200 {}`,
		"/template": `200 html[stored|{"payload":{},"vars":null}]`, "/inline": `200 mustache[<b>|{"payload":{},"vars":null}]`,
		"/module": `200 module double main`, "/plugin": `plugin_not_installed`,
	} {
		w.expect(get(path), want)
	}
	if w.outside.requests[0].MaxBytes != 9 || w.outside.queries[0].MaxRows != 7 || len(w.outside.sent()) != 1 {
		t.Errorf("got %+v, %+v, %+v", w.outside.requests, w.outside.queries, w.outside.sent())
	}
}

func TestPayloadLimit(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Limits.PayloadBytes = 64 })
	w.engine.gives("big();", `"`+strings.Repeat("x", 100)+`"`)
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "big();", "output_1>b"), js("b", "f();", "")))
	for _, err := range []error{
		func() error { _, err := w.Serve(t.Context(), get("/x")); return err }(),
		func() error { _, err := w.Execute(t.Context(), "x", "", payload.Value{}, nil); return err }(),
	} {
		if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_payload_bytes" || f.Node != "a" {
			t.Errorf("got %v", err)
		}
	}
}

func TestStepLimit(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Limits.Steps = 5 })
	w.publish("x", doc(start("s", "ANY", "/x", "output_1>a"), js("a", "f();", "output_1>a")))
	_, err := w.Serve(t.Context(), get("/x"))
	if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_steps" || f.Node != "a" || f.Workflow != "x" {
		t.Errorf("got %v", err)
	}
	if n := w.engine.count("f();"); n != 4 {
		t.Errorf("%d scripts ran", n)
	}
}
