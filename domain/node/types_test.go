package node_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func TestRegistry(t *testing.T) {
	builtins := node.NewRegistry(node.Builtins()...)
	want := "db dromedary dromedary_callback fork gorutine http httpstart js mail plugin response starter template"
	if got := strings.Join(builtins.Names(), " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	more := builtins.With(node.Type{Name: "zeta"}, node.Type{Name: "js", Compile: nil})
	if _, ok := builtins.Type("zeta"); ok {
		t.Error("With changed the palette it was called on")
	}
	if js, _ := more.Type("js"); js.Compile != nil {
		t.Error("of two types with one name the later wins")
	}
	if _, ok := (node.Registry{}).Type("js"); ok || !slices.Contains(more.Names(), "zeta") {
		t.Error("the zero palette is empty")
	}
}

// One field holds inline code or the name of a module; which of the two decides
// what is missing when it does not work.
func TestScriptOrModule(t *testing.T) {
	tests := []struct {
		name, data string
		want       node.Script
		kind       node.NeedKind
	}{
		{"return", `{"script":"return payload"}`, node.Script{Code: "return payload"}, node.NeedScript},
		{"bare return", `{"script":"return"}`, node.Script{Code: "return"}, node.NeedScript},
		{"return behind blanks", `{"script":"  return payload"}`, node.Script{Code: "  return payload"}, node.NeedScript},
		{"throw", `{"script":"throw payload"}`, node.Script{Code: "throw payload"}, node.NeedScript},
		{"statement", `{"script":"payload.a = 1;"}`, node.Script{Code: "payload.a = 1;"}, node.NeedScript},
		{"two lines of words", `{"script":"debugger\nreturn payload"}`, node.Script{Code: "debugger\nreturn payload"}, node.NeedScript},
		{"call", `{"script":"f()"}`, node.Script{Code: "f()"}, node.NeedScript},
		{"only a comment", `{"script":"// nothing yet"}`, node.Script{Code: "// nothing yet"}, node.NeedScript},
		{"TypeScript", `{"script":"return 1 as number","language":"ts"}`, node.Script{Code: "return 1 as number", Language: node.TypeScript}, node.NeedScript},
		{"module", `{"script":"form"}`, node.Script{Module: "form", Entry: "main"}, node.NeedModule},
		{"module with blanks", `{"script":"Validate Login"}`, node.Script{Module: "Validate Login", Entry: "main"}, node.NeedModule},
		{"module like a path", `{"script":"shop/pay-2.js"}`, node.Script{Module: "shop/pay-2.js", Entry: "main"}, node.NeedModule},
		{"module with accents", `{"script":"Validación_ñ"}`, node.Script{Module: "Validación_ñ", Entry: "main"}, node.NeedModule},
		{"a name that begins with return", `{"script":"returns"}`, node.Script{Module: "returns", Entry: "main"}, node.NeedModule},
		{"code", `{"code":"function main(){}"}`, node.Script{Code: "function main(){}", Entry: "main"}, node.NeedScript},
		{"code overrides script", `{"code":"function main(){}","script":"form"}`, node.Script{Code: "function main(){}", Entry: "main"}, node.NeedScript},
		{"empty code does not", `{"code":"","script":"form"}`, node.Script{Module: "form", Entry: "main"}, node.NeedModule},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want.Language == "" {
				tt.want.Language = node.JavaScript
			}
			tt.want.Field = "data.script"
			if strings.Contains(tt.data, `"code":"f`) {
				tt.want.Field = "data.code"
			}
			r := planned[node.ScriptRequest](t, "js", tt.data, `{"a":1}`)
			equal(t, "script", r.Script, tt.want)
			if string(r.Payload.Bytes()) != `{"a":1}` {
				t.Errorf("payload %s", r.Payload.Bytes())
			}
			needs := compiled(t, "js", tt.data).Needs
			if len(needs) != 1 || needs[0].Kind != tt.kind || needs[0].Field != tt.want.Field || needs[0].Name != tt.want.Module {
				t.Errorf("needs %+v", needs)
			}
		})
	}
}

func TestScriptOutcome(t *testing.T) {
	reply := &node.Reply{Status: 201}
	tests := []struct {
		name   string
		result node.ScriptResult
		want   node.Outcome
	}{
		{"default output", node.ScriptResult{Payload: value(t, `{"a":1}`)}, node.Outcome{Payload: value(t, `{"a":1}`)}},
		{"chosen output", node.ScriptResult{Next: "yes"}, node.Outcome{Next: "yes"}},
		{"break stops", node.ScriptResult{Next: "break"}, node.Outcome{Next: "break", Stop: true}},
		{"login means nothing here", node.ScriptResult{Next: "login"}, node.Outcome{Next: "login"}},
		{"parks on true", node.ScriptResult{Payload: value(t, `{"break":true}`)}, node.Outcome{Payload: value(t, `{"break":true}`), Park: true}},
		{"parks on the text true", node.ScriptResult{Payload: value(t, `{"break":"true"}`)}, node.Outcome{Payload: value(t, `{"break":"true"}`), Park: true}},
		{"not on another truth", node.ScriptResult{Payload: value(t, `{"break":1}`)}, node.Outcome{Payload: value(t, `{"break":1}`)}},
		{"everything else is handed on", node.ScriptResult{Reply: reply, Header: []node.Header{{"A", "b"}}, Locals: value(t, `{"x":1}`)},
			node.Outcome{Reply: reply, Header: []node.Header{{"A", "b"}}, Locals: value(t, `{"x":1}`)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			equal(t, "js", settled(t, "js", `{"script":"return 1;"}`, `{}`, tt.result), tt.want)
			if tt.want.Reply == nil { // plugins give payload and next
				equal(t, "plugin", settled(t, "plugin", `{"plugin":"p"}`, `{}`, node.PluginResult{Payload: tt.result.Payload, Next: tt.result.Next}), tt.want)
			}
		})
	}
}

func TestStart(t *testing.T) {
	tests := []struct {
		name, data string
		want       node.Start
	}{
		{"nothing", `{}`, node.Start{Method: "ANY"}},
		{"flat", `{"method":"post","path":"/a/{id}"}`, node.Start{Method: "POST", Path: "/a/{id}"}},
		{"designer", `{"method":"ANY","urlpattern":"/a/:id","nflow_auth":"true"}`, node.Start{Method: "ANY", Path: "/a/:id", Auth: true}},
		{"path before urlpattern", `{"path":"/a","urlpattern":"/b"}`, node.Start{Method: "ANY", Path: "/a"}},
		{"auth off, in words", `{"nflow_auth":"false","auth":false}`, node.Start{Method: "ANY"}},
		{"auth left empty", `{"nflow_auth":""}`, node.Start{Method: "ANY"}},
		{"auth", `{"auth":true}`, node.Start{Method: "ANY", Auth: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := compiled(t, "starter", tt.data)
			equal(t, "start", *c.Start, tt.want)
			step, err := c.Executor.Plan(input(t, `{"a":1}`))
			if err != nil {
				t.Fatal(err)
			}
			r, asks := step.Request.(node.ScriptRequest)
			if asks != tt.want.Auth || asks && (!r.Script.Default || r.Script.Entry != "auth") || asks != (len(c.Needs) == 1) {
				t.Errorf("plan %+v, needs %+v", step, c.Needs)
			}
			if !asks && string(step.Outcome.Payload.Bytes()) != `{"a":1}` {
				t.Errorf("the payload passes through, got %s", step.Outcome.Payload.Bytes())
			}
		})
	}
}

func TestAuthDecides(t *testing.T) {
	reply := &node.Reply{Status: 401}
	tests := []struct {
		name   string
		result node.ScriptResult
		want   node.Outcome
	}{
		{"lets in", node.ScriptResult{Next: "output_1"}, node.Outcome{Next: "output_1", Jump: true}},
		{"names a node", node.ScriptResult{Next: "node-7"}, node.Outcome{Next: "node-7", Jump: true}},
		{"stops", node.ScriptResult{Next: "break"}, node.Outcome{Next: "break", Jump: true, Stop: true}},
		{"an answer stops, whatever next says", node.ScriptResult{Next: "output_1", Reply: reply}, node.Outcome{Next: "output_1", Jump: true, Stop: true, Reply: reply}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			equal(t, "outcome", settled(t, "starter", `{"auth":true}`, `{}`, tt.result), tt.want)
		})
	}
	c := compiled(t, "starter", `{"auth":true}`)
	step, err := c.Executor.Settle(input(t, `{}`), node.ScriptResult{Next: "login"})
	want := node.SessionRequest{Session: "auth-session", Key: "redirect_url", Value: payload.Text("/shop/42")}
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "first the way back is kept", step.Request, node.Request(want))
	o := settled(t, "starter", `{"auth":true}`, `{}`, node.Done{})
	if !o.Stop || o.Reply == nil || o.Reply.Status != 302 || o.Reply.Header[0] != (node.Header{Name: "Location", Value: "/nflow_login"}) {
		t.Errorf("then the visitor goes to the login page, got %+v", o)
	}
}

func TestFork(t *testing.T) {
	for _, name := range []string{"fork", "gorutine"} {
		step, err := compiled(t, name, `{}`).Executor.Plan(input(t, `{"a":1}`))
		if err != nil || step.Request != nil || !step.Outcome.All || string(step.Outcome.Payload.Bytes()) != `{"a":1}` {
			t.Errorf("%s: %+v, %v", name, step, err)
		}
	}
}

func TestPlugin(t *testing.T) {
	for _, row := range []struct{ name, data, node, params, field string }{
		{"plugin", `{"plugin":"ai","node":"ask","x":1,"name_box":"B"}`, "ask", `{"x":1}`, "data"},
		{"plugin", `{"plugin":"ai","node":"ask","params":{"plugin":"mine"},"x":1}`, "ask", `{"plugin":"mine"}`, "data.params"},
		{"dromedary", `{"dromedary_name":"ai"}`, "", `{}`, "data"},
		{"dromedary", `{"dromedary_name":"ai.ask"}`, "ask", `{}`, "data"},
		{"dromedary_callback", `{"dromedary_name":"ai","node":"ask","plugin":"other"}`, "ask", `{}`, "data"},
	} {
		r := planned[node.PluginRequest](t, row.name, row.data, `{"a":1}`)
		equal(t, row.name, r, node.PluginRequest{Plugin: "ai", Node: row.node, Params: value(t, row.params), Payload: value(t, `{"a":1}`)})
		needs := compiled(t, row.name, row.data).Needs
		if len(needs) != 1 || needs[0].Kind != node.NeedPlugin || needs[0].Name != "ai" || needs[0].ParamsField != row.field {
			t.Errorf("%s needs %+v", row.name, needs)
		}
	}
}

func TestPluginType(t *testing.T) {
	typ := node.PluginType("hello", "greet")
	c, faults := typ.Compile(node.Definition{Type: typ.Name, Data: value(t, `{"type":"hello.greet","greeting":"Hi","node":"n1","plugin":"p1","name_box":"Box"}`)})
	if len(faults) > 0 || typ.Name != "hello.greet" {
		t.Fatal(typ.Name, faults)
	}
	step, err := c.Executor.Plan(node.Input{Payload: value(t, `1`)})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "request", step.Request, node.Request(node.PluginRequest{Plugin: "hello", Node: "greet", Params: value(t, `{"greeting":"Hi","node":"n1","plugin":"p1"}`), Payload: value(t, `1`)}))
	if _, faults := typ.Compile(node.Definition{Type: typ.Name, Data: value(t, `{"type":"hello.greet","params":[1]}`)}); len(faults) != 1 || faults[0].Field != "data.params" {
		t.Errorf("params that are no object: %v", faults)
	}
}

func TestWrongResultsAreOurMistake(t *testing.T) {
	for name, data := range map[string]string{
		"js": `{"script":"return 1;"}`, "http": `{"url":"http://x/"}`, "db": `{"database":"d","query":"SELECT 1"}`, "fork": `{}`, "response": `{}`,
		"mail": `{"to":"a@b.c","text":"t"}`, "template": `{"template":"<b>"}`, "plugin": `{"plugin":"p"}`, "starter": `{"auth":true}`,
	} {
		for _, wrong := range []node.Result{nil, node.HTTPResult{}, node.QueryResult{}, node.RenderResult{}, node.ScriptResult{}, node.Done{}} {
			_, err := compiled(t, name, data).Executor.Settle(input(t, `{}`), wrong)
			fits := map[string]string{"js": "ScriptResult", "http": "HTTPResult", "mail": "Done", "template": "RenderResult", "starter": "ScriptResult Done"}
			if wrong != nil && strings.Contains(fits[name], strings.TrimPrefix(show2(wrong), "node.")) {
				continue
			}
			if fault.CodeOf(err) != fault.Internal {
				t.Errorf("%s settles a %T: %v", name, wrong, err)
			}
		}
	}
}
