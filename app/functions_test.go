package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func applicationRows(t testing.TB) memory.Designer {
	t.Helper()
	return memory.Designer{
		Users: []ports.User{
			{ID: 1, Username: "ada", Password: "plain", Role: "admin", Active: true},
			{ID: 2, Username: "bob", Password: "hashed:secret", Role: "user", Active: true},
			{ID: 3, Username: "eve", Password: "hashed:secret", Role: "user"},
		},
		AppTokens: map[string]payload.Value{
			"app":      value(t, `{"name":"app","token":"t0ken","start":null,"expired":null,"active":1,"header":"authorization","token_type":"Bearer"}`),
			"old":      value(t, `{"name":"old","token":"t0ken","expired":1600000000,"active":true,"header":"Authorization","token_type":"Bearer"}`),
			"later":    value(t, `{"name":"later","token":"t0ken","expired":1800000000,"active":"true","header":"Authorization","token_type":"Bearer"}`),
			"off":      value(t, `{"name":"off","token":"t0ken","active":0,"header":"Authorization","token_type":"Bearer"}`),
			"bare":     value(t, `{"name":"bare","token":"Bearer t0ken","active":1,"header":"AUTHORIZATION","token_type":""}`),
			"empty":    value(t, `{"name":"empty","token":"","active":1,"header":"X-None","token_type":""}`),
			"headless": value(t, `{"name":"headless","token":"t","active":1,"header":null,"token_type":null}`),
			"odd":      value(t, `{"name":"odd","token":["t0ken"],"active":1,"header":"Authorization","expired":"soon"}`),
		},
		Templates: []ports.Template{{Name: "page", Content: "<h1>"}},
	}
}

// called is what a host function gives a script, or the code it throws.
func (w *world) called(t *testing.T, function string, args ...string) string {
	t.Helper()
	w.engine.calls("call();", function, args...)
	in := get("/call")
	in.Header["Authorization"] = []string{"Bearer t0ken"}
	out, err := w.Serve(t.Context(), in)
	if err != nil {
		return string(fault.CodeOf(err)) + ": " + fault.As(err).Message
	}
	return string(out.Reply.Body)
}

func TestFunctions(t *testing.T) {
	w := newStopped(t, applicationRows(t), func(_ *app.Deps, c *app.Config) { c.Features.Network, c.Features.FileSystem = true, true })
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.outside.files["a.txt"] = "content"
	w.outside.files["bytes"] = "a\xff"
	w.outside.http = func(_ context.Context, r node.HTTPRequest) (node.HTTPResult, error) {
		switch r.URL {
		case "http://down/":
			return node.HTTPResult{}, fault.New(fault.Upstream, "connection refused")
		case "http://slow/":
			return node.HTTPResult{}, fault.New(fault.UpstreamTimeout, "no answer within 5s")
		case "http://forbidden/":
			return node.HTTPResult{}, fault.New(fault.Forbidden, "not on the list")
		}
		return node.HTTPResult{Status: 404, Reason: "Not Found", Header: []node.Header{{Name: "A", Value: "1"}, {Name: "A", Value: "2"}}, Body: []byte(fmt.Sprintf("%s %s %v", r.Method, r.Body, r.Header))}, nil
	}
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	answered := func(body string) string {
		return `{"body":"` + body + `","err":null,"header":{"A":["1","2"]},"status":"404 Not Found","status_code":404}`
	}
	tests := []struct {
		function string
		args     []string
		want     string
	}{
		{"http_get", []string{`"http://x/"`}, answered("GET  []")},
		{"http_get", nil, "script"},
		{"http_get", []string{`"http://down/"`}, `{"body":"","err":"connection refused","header":{},"status":"","status_code":0}`},
		{"http_get", []string{`"http://slow/"`}, `{"body":"","err":"no answer within 5s","header":{},"status":"","status_code":0}`},
		{"http_get", []string{`"http://forbidden/"`}, "node_failed: not on the list"},
		{"http_delete", []string{`"http://x/"`}, answered("DELETE  []")},
		{"http_post", []string{`"http://x/"`, `"a=1"`}, answered("POST a=1 []")},
		{"http_post", []string{`"http://x/"`, `{"a":1}`}, answered(`POST {\"a\":1} []`)},
		{"http_put", []string{`"http://x/"`}, answered("PUT  []")},
		{"http_patch", []string{`"http://x/"`, `5`}, answered("PATCH 5 []")},
		{"http_get_with_header", []string{`"http://x/"`, `{"H":["1","2"]}`}, answered("GET  [{H 1} {H 2}]")},
		{"http_delete_with_header", []string{`"http://x/"`, `{"H":"1"}`}, answered("DELETE  [{H 1}]")},
		{"http_post_with_header", []string{`"http://x/"`, `"b"`, `{"H":7}`}, answered("POST b [{H 7}]")},
		{"http_put_with_header", []string{`"http://x/"`, `"b"`}, answered("PUT b []")},
		{"http_patch_with_header", []string{`"http://x/"`, `"b"`, `"H"`}, "node_failed: http_patch_with_header: argument 3 (headers) must be an object"},

		{"template", []string{`"<b>"`, `{"a":1}`}, `html[<b>|{"a":1}]`},
		{"mustache", []string{`"<b>"`}, `mustache[<b>|null]`},
		{"template", []string{`"BROKEN"`}, "node_failed: unclosed action"},
		{"get_template", []string{`"page"`}, `<h1>`},
		{"get_template", []string{`"nope"`}, `node_failed: there is no template "nope"`},
		{"get_template", nil, `node_failed: get_template: argument 1 (name) is missing`},

		{"file_to_string", []string{`"a.txt"`}, `content`},
		{"file_to_string", []string{`"bytes"`}, "a\uFFFD"},
		{"file_to_string", []string{`"templete/page.html"`}, `<h1>`},
		{"file_to_string", []string{`"./templates/page"`}, `<h1>`},
		{"file_to_string", []string{`"nope"`}, `node_failed: there is no file "nope"`},
		{"string_to_file", []string{`"b.txt"`, `"x"`}, `undefined`},
		{"string_to_file", []string{`""`}, `node_failed: string_to_file: argument 1 (name) is missing`},
		{"__read_file", []string{`"bytes"`}, `Yf8=`},

		{"send_mail", []string{`"a@b.c"`, `"s"`, `"t"`}, `undefined`},
		{"send_mail", []string{`""`}, `node_failed: send_mail: argument 1 (to) is missing`},
		{"send_mail", []string{`"a@b.c"`, `"s"`, `"t"`, `"nope.pdf"`}, `node_failed: there is no file "nope.pdf"`},
		{"send_mail_async", []string{`"a@b.c"`, `"s"`, `"t"`, `"html"`}, `undefined`},
		{"mail_config", []string{`"smtp"`}, `feature_disabled: mail_config: scripts cannot choose a mail server; the operator sets it in [mail]`},

		{"validate_user", []string{`"ada"`, `"plain"`}, `true`},
		{"validate_user", []string{`"bob"`, `"secret"`}, `true`},
		{"validate_user", []string{`"bob"`, `"wrong"`}, `false`},
		{"validate_user", []string{`"eve"`, `"secret"`}, `false`},
		{"validate_user", []string{`"nobody"`, `"x"`}, `false`},
		{"validate_user", nil, `false`},
		{"get_user", []string{`"ada"`}, `{"active":true,"id":1,"rol":"admin","username":"ada"}`},
		{"get_user", []string{`"nobody"`}, `null`},
		{"validate_token", []string{`"app"`}, `true`},
		{"validate_token", []string{`"later"`}, `true`},
		{"validate_token", []string{`"bare"`}, `true`},
		{"validate_token", []string{`"old"`}, `false`},
		{"validate_token", []string{`"off"`}, `false`},
		{"validate_token", []string{`"empty"`}, `false`},
		{"validate_token", []string{`"headless"`}, `false`},
		{"validate_token", []string{`"odd"`}, `false`},
		{"validate_token", []string{`"nope"`}, `false`},
		{"get_token", []string{`"bare"`}, `[{"name":"bare","active":1,"header":"AUTHORIZATION","token_type":""}]`},
		{"get_token", []string{`"nope"`}, `null`},

		{"get_env", []string{`"CITY"`}, `Lugano`},
		{"get_env", []string{`"PATH"`}, ``},
		{"set_env", []string{`"CITY"`, `"Bern"`}, `undefined`},
		{"get_env", []string{`"CITY"`}, `Lugano`}, // what one run sets no other sees
		{"set_env", nil, `node_failed: set_env: argument 1 (key) is missing`},
		{"set_session", []string{`"s"`}, `node_failed: set_session: argument 2 (key) is missing`},
		{"save_session", []string{`"s"`, `[1]`}, `node_failed: save_session: argument 2 (values) must be an object`},
		{"set_profile", []string{`"ada"`}, `node_failed: set_profile: argument 1 (profile) must be an object`},
		{"redis_hget", []string{`"a"`, `"b"`}, `feature_disabled: redis_hget needs a Redis server; set redis.host`},
		{"no_such_function", nil, `node_failed: there is no function no_such_function`},
	}
	for _, tt := range tests {
		t.Run(tt.function+fmt.Sprint(tt.args), func(t *testing.T) {
			if tt.want == "script" {
				tt.want = "node_failed: " + tt.function + ": argument 1 (url) is missing"
			}
			if got := w.called(t, tt.function, tt.args...); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	if w.outside.files["b.txt"] != "x" {
		t.Error("the file was not written")
	}
	if u, err := w.store.User(t.Context(), "ada"); err != nil || u.Password != "hashed:plain" {
		t.Errorf("an old password is kept better after a login, got %+v, %v", u, err)
	}
	eventually(t, "both mails are sent", func() bool { return len(w.outside.sent()) == 2 })
	if mails := fmt.Sprint(w.outside.sent()); mails != "[{ [a@b.c] [] [] s t  []} { [a@b.c] [] [] s  t []}]" {
		t.Errorf("got %s", mails)
	}
}

// Attachment and format come in either order, and several addresses in one text.
func TestMailArguments(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Features.Network, c.Features.FileSystem = true, true })
	w.outside.files["dir/a.pdf"] = "PDF"
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	for _, args := range [][]string{
		{`"a@b.c, d@e.f"`, `"s"`, `"<p>"`, `"html"`, `"dir/a.pdf"`},
		{`"a@b.c, d@e.f"`, `"s"`, `"<p>"`, `"dir/a.pdf"`, `"html"`},
	} {
		w.called(t, "send_mail", args...)
	}
	want := "{ [a@b.c d@e.f] [] [] s  <p> [{a.pdf  [80 68 70]}]}"
	for _, m := range w.outside.sent() {
		if got := fmt.Sprint(m); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A stored template is no file.
func TestStoredTemplatesNeedNoSwitch(t *testing.T) {
	w := newStopped(t, applicationRows(t))
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	if got := w.called(t, "file_to_string", `"templete/page.html"`); got != "<h1>" {
		t.Errorf("got %s", got)
	}
	if got := w.called(t, "file_to_string", `"templete/nope.html"`); !strings.Contains(got, `no template "nope.html"`) {
		t.Errorf("got %s", got)
	}
}

func TestModels(t *testing.T) {
	w := newWorld(t, func(_ *app.Deps, c *app.Config) { c.Features.Network = true })
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	answer := ""
	status := 200
	w.outside.http = func(context.Context, node.HTTPRequest) (node.HTTPResult, error) {
		return node.HTTPResult{Status: status, Body: []byte(answer)}, nil
	}
	tests := []struct {
		function   string
		args       []string
		answer     string
		url, asked string
	}{
		{"openai", []string{`"key"`, `""`, `"hi"`, `"m1"`, `{"a":1}`}, `{"choices":[{"message":{"content":"yes"}}]}`, "https://api.openai.com/v1/chat/completions",
			`{"messages":[{"content":"mustache[hi|{\"a\":1}]","role":"user"}],"model":"m1"}`},
		{"ollama", []string{`""`, `"sys"`, `"hi"`, `"m1"`}, `{"message":{"content":"yes"}}`, "http://localhost:11434/api/chat",
			`{"messages":[{"content":"mustache[sys|{}]","role":"system"},{"content":"mustache[hi|{}]","role":"user"}],"model":"m1","stream":false}`},
		{"ollama", []string{`"http://box:1/"`, `"sys"`, `"hi"`, `"m1"`}, `{"message":{"content":"yes"}}`, "http://box:1/api/chat", ""},
		{"gemini", []string{`"key"`, `"hi"`, `"../m 1"`}, `{"candidates":[{"content":{"parts":[{"text":"yes"}]}}]}`, "https://generativelanguage.googleapis.com/v1beta/models/..%2Fm%201:generateContent",
			`{"contents":[{"parts":[{"text":"mustache[hi|{}]"}]}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.function, func(t *testing.T) {
			answer, status = tt.answer, 200
			if got := w.called(t, tt.function, tt.args...); got != "yes" {
				t.Fatalf("got %s", got)
			}
			r := w.outside.requests[len(w.outside.requests)-1]
			if r.URL != tt.url || r.Method != "POST" || tt.asked != "" && string(r.Body) != tt.asked {
				t.Errorf("asked %s %s %s", r.Method, r.URL, r.Body)
			}
			if key := fmt.Sprint(r.Header); tt.function != "ollama" && !strings.Contains(key, "key}") || strings.Contains(r.URL, "key") {
				t.Errorf("the key goes into a header only: %s %v", r.URL, key)
			}
			for _, bad := range []string{`{}`, `not json`, `{"choices":[{"message":{"content":""}}]}`} {
				answer = bad
				if got := w.called(t, tt.function, tt.args...); !strings.HasPrefix(got, "upstream_failed: "+tt.function) {
					t.Errorf("%s: got %s", bad, got)
				}
			}
			status = 429
			if got := w.called(t, tt.function, tt.args...); !strings.Contains(got, "status 429") {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestGlobals(t *testing.T) {
	w := newWorld(t)
	var got map[string]string
	w.engine.on("globals();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		got = map[string]string{}
		for _, name := range []string{
			"nflow_data", "dromedary_data", "__outputs", "next", "__flow_name", "__flow_app", "wid", "current_box", "prev_box", "vars", "path_vars", "env", "url_base",
			"nflow_endpoint", "url_access", "auth_flag", "header", "form", "post_data", "profile",
		} {
			v, ok := call.Host.Global(name)
			if !ok {
				t.Errorf("no global %s", name)
			}
			got[name] = string(v.Bytes())
		}
		for _, name := range []string{"config", "__vm", "ctx", "process", "payload"} {
			if _, ok := call.Host.Global(name); ok {
				t.Errorf("global %s", name)
			}
		}
		return node.ScriptResult{Payload: call.Payload, Next: "break"}, nil
	})
	w.publish("app", doc(start("s", "ANY", "/g/:id", "output_1>a"), js("a", "globals();", "yes>b no>s2 no>b"), raw("b", `{"type":"response"}`, ""), start("s2", "ANY", "/never", "output_1>a")))
	in := request("POST", "/g/é 7?q=1&a=q", "a=1&b=2&b=3")
	in.Header["X-H"] = []string{"v"}
	out, err := w.Serve(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	data := `{"type":"js","script":"globals();","name_box":"Box a"}`
	want := map[string]string{
		"nflow_data": data, "dromedary_data": data, "__outputs": `{"no":"s2","yes":"b"}`, "next": `"output_1"`, "__flow_name": `""`, "__flow_app": `"app"`, "wid": `"` + out.RunID + `"`,
		"current_box": `"a"`, "prev_box": `"s"`, "vars": `{"id":"é 7"}`, "path_vars": `{"id":"é 7"}`, "env": `{"CITY":"Lugano"}`, "url_base": `"https://base"`,
		"nflow_endpoint": `"/g/%C3%A9%207"`, "url_access": `"/g/%C3%A9%207"`, "auth_flag": `"false"`, "header": `{"Content-Type":["application/x-www-form-urlencoded"],"X-H":["v"]}`,
		"form": `{"a":["1"],"b":["2","3"],"q":["1"]}`, "post_data": `{"a":"1","b":["2","3"]}`, "profile": `null`,
	}
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s: got %s, want %s", name, got[name], v)
		}
	}
	if _, err := w.Execute(t.Context(), "app", "s", payload.Value{}, nil); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]string{"header": `{}`, "form": `{}`, "post_data": `{}`, "vars": `{}`, "prev_box": `"s"`} {
		if got[name] != v {
			t.Errorf("without a request, %s: got %s, want %s", name, got[name], v)
		}
	}
}

func TestFunctionNames(t *testing.T) {
	names := app.Functions()
	if !slices.IsSorted(names) || len(names) != len(slices.Compact(slices.Clone(names))) || !slices.Contains(names, "wkill") {
		t.Errorf("got %v", names)
	}
}

// A path from a client can never begin another host.
func TestEndpointIsAPath(t *testing.T) {
	w := newWorld(t)
	w.engine.on("where();", func(_ context.Context, call ports.ScriptCall) (node.ScriptResult, error) {
		at, _ := call.Host.Global("nflow_endpoint")
		return node.ScriptResult{Payload: at}, nil
	})
	w.publish("x", doc(start("s", "ANY", "/:a/:b", "output_1>a"), js("a", "where();", "")))
	for path, want := range map[string]string{"/evil.org/x": "/evil.org/x", `/\evil.org/x`: "/%5Cevil.org/x", "/a b/?x#": "/a%20b/%3Fx%23"} {
		w.expect(&ports.Inbound{Method: "GET", Path: path}, "200 "+want)
	}
}

// Whoever measures time must not learn which users there are: an unknown user
// costs a hash, and so does a wrong password that is not stored as one.
func TestUnknownUsersCostAsMuchAsWrongPasswords(t *testing.T) {
	w := newStopped(t, applicationRows(t))
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	for _, tt := range []struct {
		name, password string
		hashes         int32
	}{
		{"nobody", "wrong", 1},
		{"ada", "wrong", 1},
		{"bob", "wrong", 0}, // verifying is the hash
		{"nobody", strings.Repeat("x", 5000), 1},
	} {
		before := w.outside.hashes.Load()
		if got := w.called(t, "validate_user", fmt.Sprintf("%q", tt.name), fmt.Sprintf("%q", tt.password)); got != "false" {
			t.Errorf("%s: %s", tt.name, got)
		}
		if got := w.outside.hashes.Load() - before; got != tt.hashes {
			t.Errorf("%s: %d hashes, want %d", tt.name, got, tt.hashes)
		}
	}
}
