package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// auth() decides who comes in, and where to.
func TestAuthScript(t *testing.T) {
	w := newWorld(t)
	w.engine.on("auth", func(ctx context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		if call.Name != "default_js" || call.Script.Code != "function auth(){}" {
			t.Errorf("got %s %q", call.Name, call.Script.Code)
		}
		who, _ := call.Payload.Field("who")
		r := node.ScriptResult{Payload: call.Payload, Next: who.String()}
		switch who.String() {
		case "":
			r.Next = "output_1"
		case "answers":
			r.Reply = &node.Reply{Status: 403, Body: []byte("no")}
		case "fails":
			return r, fault.New(fault.ScriptFailed, "boom")
		}
		return r, nil
	})
	w.publish("x", withDefaultJS("function auth(){}", authStart("s", "/x", "output_1>a"), js("a", "inside();", "output_1>r"), raw("r", `{"type":"response","body":"in"}`, ""),
		raw("guest", `{"type":"response","body":"guest"}`, ""), raw("orphan", `{"type":"response","body":"orphan"}`, ""), start("open", "GET", "/open", "output_1>guest")))
	b := &browser{world: w}
	for path, want := range map[string]string{
		"/x": "200 in", "/x?who=guest": "200 guest", "/x?who=break": `200 {"who":"break"}`, "/x?who=nowhere": `200 {"who":"nowhere"}`, "/x?who=answers": "403 no",
		"/x?who=fails": "script_failed", "/open": "200 guest",
	} {
		b.expect(get(path), want)
	}
	if n := w.engine.count("inside();"); n != 1 {
		t.Errorf("%d came in", n)
	}
	out, err := w.Serve(t.Context(), get("/x?who=login"))
	if got := answer(out, err); got != "302 " || out.Reply.Header[0] != (node.Header{Name: "Location", Value: "/nflow_login"}) || !out.Session.Changed {
		t.Fatalf("got %s, %+v", got, out)
	}
	w.engine.calls("where();", "get_session", `"auth-session"`, `"redirect_url"`)
	w.publish("where", doc(start("s", "GET", "/where", "output_1>a"), js("a", "where();", "")))
	(&browser{world: w, id: out.Session.ID}).expect(get("/where"), "200 /x")
	before := w.engine.count("auth")
	e, err := w.Execute(t.Context(), "x", "s", payload.Value{}, nil)
	if err != nil || string(e.Output.Bytes()) != "{}" || w.engine.count("auth") != before {
		t.Errorf("the API has its own tokens: %s, %v", e.Output.Bytes(), err)
	}
}

// log() runs after each node and sees what it did.
func TestLogScript(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	var seen []string
	w.engine.on("log", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		line := ""
		for _, name := range []string{"box_id", "box_name", "box_type", "connection_next", "duration_ms", "duration_mc", "duration_s", "wid"} {
			v, _ := call.Host.Global(name)
			line += v.String() + " "
		}
		mu.Lock()
		seen = append(seen, line)
		mu.Unlock()
		return node.ScriptResult{}, fault.New(fault.ScriptFailed, "log() is broken") // nobody minds
	})
	w.engine.on("slow();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		w.clock.pass(1500e6)
		return node.ScriptResult{Payload: call.Payload, Next: "output_1"}, nil
	})
	w.publish("x", withDefaultJS("function log () {}", start("s", "GET", "/x", "output_1>a"), js("a", "slow();", "output_1>r"), raw("r", `{"type":"response","body":"fine"}`, "")))
	out, err := w.Serve(t.Context(), get("/x"))
	if got := answer(out, err); got != "200 fine" {
		t.Fatalf("got %s", got)
	}
	want := []string{"s  httpstart a 0 0 0 " + out.RunID + " ", "a Box a js r 1500 1500000 1.5 " + out.RunID + " ", "r  response  0 0 0 " + out.RunID + " "}
	if !slices.Equal(seen, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
	if n := strings.Count(w.logs.String(), "log() of default_js failed"); n != 3 {
		t.Errorf("%d complaints", n)
	}
	w.publish("y", withDefaultJS("function auth(){} // no log here: console.log(1)", start("s", "GET", "/y", "output_1>r"), raw("r", `{"type":"response"}`, "")))
	before := w.engine.count("log")
	w.expect(get("/y"), "200 {}")
	if w.engine.count("log") != before {
		t.Error("log() is called although there is none")
	}
}

func TestConsole(t *testing.T) {
	w := newWorld(t)
	w.engine.on("talk();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		for _, level := range []string{"debug", "info", "warn", "error", "odd"} {
			call.Host.Log(level, "says "+level)
		}
		m, err := call.Host.Module(t.Context(), "helper")
		if err != nil || m.Code != "exports.x = 1" {
			t.Errorf("got %+v, %v", m, err)
		}
		if _, err := call.Host.Module(t.Context(), "nope"); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
		return node.ScriptResult{Payload: call.Payload}, nil
	})
	if err := w.store.PutModule(t.Context(), ports.Module{Name: "helper", Code: "exports.x = 1"}); err != nil {
		t.Fatal(err)
	}
	w.publish("x", doc(start("s", "GET", "/x", "output_1>a"), js("a", "talk();", "")))
	out, err := w.Serve(t.Context(), get("/x"))
	if err != nil {
		t.Fatal(err)
	}
	for level, line := range map[string]string{"DEBUG": "says debug", "INFO": "says odd", "WARN": "says warn", "ERROR": "says error"} {
		if want := fmt.Sprintf("level=%s msg=%q workflow=x run=%s node=a", level, line, out.RunID); !strings.Contains(w.logs.String(), want) {
			t.Errorf("no line %s in\n%s", want, w.logs)
		}
	}
}

// Modules and templates are read again soon after somebody edits them.
func TestLibraryIsFresh(t *testing.T) {
	w := newWorld(t)
	put := func(content string) {
		if err := w.store.PutTemplate(t.Context(), ports.Template{Name: "page", Content: content}); err != nil {
			t.Fatal(err)
		}
	}
	put("one")
	w.publish("x", doc(start("s", "GET", "/x", "output_1>a"), raw("a", `{"type":"template","template":"page"}`, "")))
	w.expect(get("/x"), `200 html[one|{"payload":{},"vars":null}]`)
	put("two")
	w.clock.pass(1e9)
	w.expect(get("/x"), `200 html[two|{"payload":{},"vars":null}]`)
}
