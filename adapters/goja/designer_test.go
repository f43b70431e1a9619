package goja

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// sharedFixture is a real application from the designer, beside the checkout.
const sharedFixture = "../../../shared/fixtures/designer"

// scripts makes stored modules of plain texts.
func scripts(codes map[string]string) map[string]node.Script {
	out := map[string]node.Script{}
	for name, code := range codes {
		out[name] = node.Script{Code: code}
	}
	return out
}

// designerHost is a host as a node of the designer meets it.
func designerHost(data string) *fakeHost {
	return &fakeHost{
		request: &ports.Inbound{Method: "GET", Path: "/x", RawQuery: "a=1&b=2&a=3"},
		globals: map[string]string{
			"nflow_data": data, "dromedary_data": data, "__outputs": `{"output_1":"n2"}`, "__flow_name": `"Home"`,
			"header": `{"Authorization":["Bearer t1"]}`, "box_id": `"b1"`, "box_name": `"Box"`, "box_type": `"js"`, "duration_ms": `12`,
		},
		functions: map[string]func(context.Context, []payload.Value) (payload.Value, error){
			"template":       answers(`"<rendered>"`),
			"mustache":       answers(`"<mustached>"`),
			"file_to_string": answers(`"file"`),
			"get_profile":    answers(`{"username":"eva"}`),
			"exist_profile":  answers(`false`),
			"get_session":    answers(`"/back"`),
		},
	}
}

// designerCase is what a module does with its node's data and a payload.
type designerCase struct {
	module, entry, data, payload string
	wantPayload, wantNext        string
	wantReply, wantCalls         string
}

func (c designerCase) check(t *testing.T, code string) {
	t.Helper()
	if c.entry == "" {
		c.entry = "main"
	}
	if c.data == "" {
		c.data = `{}`
	}
	host := designerHost(c.data)
	got, err := scriptCall{code: code, entry: c.entry, payload: c.payload, host: host}.run(t, testEngine())
	if err != nil {
		t.Fatal(err)
	}
	if c.wantNext == "" {
		c.wantNext = "output_1"
	}
	if c.wantReply == "" {
		c.wantReply = "none"
	}
	if string(got.Payload.Bytes()) != c.wantPayload || got.Next != c.wantNext {
		t.Errorf("payload %s, next %q", got.Payload.Bytes(), got.Next)
	}
	if text := replyText(got.Reply); text != c.wantReply {
		t.Errorf("reply %s", text)
	}
	if calls := strings.Join(host.calls, " "); c.wantCalls != "" && calls != c.wantCalls {
		t.Errorf("calls %s", calls)
	}
}

const htmlReply = "200 Content-Type: text/html; charset=UTF-8 | "

func TestDesignerModules(t *testing.T) {
	for _, c := range []designerCase{
		{module: "end", payload: `{"a":1}`, wantPayload: `{"a":1}`, wantReply: "200 Content-Type: application/json | {}"},
		{module: "foreach", data: `{"field":"list","item_name":"it"}`, payload: `{"list":[7,8]}`, wantPayload: `{"list":[8],"__items":[8],"it":7}`, wantNext: "output_2"},
		{module: "foreach", data: `{"field":"list","item_name":"it"}`, payload: `{"__items":[]}`, wantPayload: `{"__items":[]}`},
		{module: "foreach", data: `{"field":"nothing"}`, payload: `{}`, wantPayload: `{"__items":null}`},
		{module: "form", data: `{"html_form":"<f>","template":"t"}`, payload: `{"a":1}`, wantPayload: `{"a":1,"break":true}`, wantReply: htmlReply + "<rendered>",
			wantCalls: `get_profile() template("<f>",{"action":"/nflow/node/run/Home/n2","next":"n2","payload":{"a":1},"profile":{"username":"eva"}}) file_to_string("templates/t") template("file",{"form_code":"<rendered>"})`},
		{module: "set_var", data: `{"var_name":"v","var_value":"x"}`, payload: `{}`, wantPayload: `{"v":"x"}`},
		{module: "compare", data: `{"field":"n","limit":"5"}`, payload: `{"n":"6"}`, wantPayload: `{"n":"6"}`},
		{module: "compare", data: `{"field":"n","limit":"5"}`, payload: `{"n":4}`, wantPayload: `{"n":4}`, wantNext: "output_2"},
		{module: "query", payload: `{}`, wantPayload: `{"a":"1","b":"2"}`},
		{module: "token", data: `{"token":"t1"}`, payload: `{}`, wantPayload: `{}`},
		{module: "token", data: `{"token":"t2"}`, payload: `{}`, wantPayload: `{}`, wantNext: "break", wantReply: `401 Content-Type: application/json | {"error":"no"}`},
		{module: "login", payload: `{"username":"eva","password":"secret"}`, wantPayload: `{"username":"eva","password":"secret"}`, wantReply: htmlReply + "<a href='/back'>go</a>",
			wantCalls: `get_session("auth-session","redirect_url") set_profile({"username":"eva"})`},
		{module: "login", payload: `{}`, wantPayload: `{}`, wantReply: htmlReply + "who?"},
		{module: "default", entry: "auth", payload: `{}`, wantPayload: `{}`, wantNext: "login"},
		{module: "default", entry: "log", payload: `{}`, wantPayload: `{}`},
	} {
		t.Run(c.module, func(t *testing.T) {
			code, err := os.ReadFile(filepath.Join("testdata", "designer", c.module+".js"))
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, string(code))
		})
	}
}

// sharedModules reads the modules of the real application; false when it is not
// there.
func sharedModules(t *testing.T) (map[string]string, bool) {
	t.Helper()
	f, err := os.Open(filepath.Join(sharedFixture, "modules.csv"))
	if os.IsNotExist(err) {
		return nil, false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, row := range rows[1:] {
		codes[row[1]] = row[4]
	}
	code, err := os.ReadFile(filepath.Join(sharedFixture, "default.js"))
	if err != nil {
		t.Fatal(err)
	}
	codes["default"] = string(code)
	return codes, true
}

func TestRealModules(t *testing.T) {
	codes, there := sharedModules(t)
	if !there {
		t.Log("the real application is not beside the checkout; TestDesignerModules covers the same shapes")
		return
	}
	cases := []designerCase{
		{module: "_end", payload: `{"a":1}`, wantPayload: `{"a":1}`, wantReply: "200 Content-Type: application/json | {}"},
		{module: "_js_foreach", data: `{"field":"list","item_name":"it"}`, payload: `{"list":[7,8]}`, wantPayload: `{"list":[8],"__foreach":[8],"it":7}`, wantNext: "output_2"},
		{module: "_js_foreach", data: `{"field":"no"}`, payload: `{}`, wantPayload: `{"__foreach":null}`},
		{module: "form", data: `{"html_form":"<f>","template":"t"}`, payload: `{"a":1}`, wantPayload: `{"a":1,"break":true}`, wantReply: htmlReply + "<rendered>"},
		{module: "js_set_var", data: `{"var_name":"v","var_value":"x"}`, payload: `{}`, wantPayload: `{"v":"x"}`},
		{module: "if_major", data: `{"field":"n","limit":"5"}`, payload: `{"n":"6"}`, wantPayload: `{"n":"6"}`},
		{module: "if_equals", data: `{"field":"n","value":"5"}`, payload: `{"n":5}`, wantPayload: `{"n":5}`},
		{module: "if_equals", data: `{"field":"n","value":"5"}`, payload: `{"n":6}`, wantPayload: `{"n":6}`, wantNext: "output_2"},
		{module: "json", data: `{"field":"*","http_code":"201"}`, payload: `{"n":5}`, wantPayload: `{"n":5}`, wantReply: `201 Content-Type: application/json | {"n":5}`},
		{module: "json", data: `{"field":"n.m","http_code":""}`, payload: `{"n":{"m":5}}`, wantPayload: `{"n":{"m":5}}`, wantReply: `200 Content-Type: application/json | 5`},
		{module: "parser_query_param", payload: `{}`, wantPayload: `{"a":"1","b":"2"}`},
		{module: "mustache", data: `{"template":"<t>"}`, payload: `{}`, wantPayload: `{}`, wantReply: htmlReply + "<mustached>", wantCalls: `mustache("<t>",{})`},
		{module: "Logout", payload: `{}`, wantPayload: `{}`, wantReply: htmlReply + "logout <a href='/home' >Home</a>", wantCalls: `delete_profile()`},
		{module: "template", data: `{"template":"<t>"}`, payload: `{}`, wantPayload: `{}`, wantReply: htmlReply + "<rendered>", wantCalls: `template("<t>",{})`},
		{module: "Validate Token", data: `{"token":"t1"}`, payload: `{}`, wantPayload: `{}`},
		{module: "Validate Token", data: `{"token":"t2"}`, payload: `{}`, wantPayload: `{}`, wantNext: "break", wantReply: `401 Content-Type: application/json | {"error":"Unauthorized"}`},
		{module: "Validate Login", payload: `{"username":"admin","password":"admin"}`, wantPayload: `{"username":"admin","password":"admin"}`,
			wantReply: htmlReply + " <script>window.location.href = '/back'</script>"},
		{module: "default", entry: "auth", payload: `{}`, wantPayload: `{}`, wantNext: "login"},
		{module: "default", entry: "log", payload: `{}`, wantPayload: `{}`},
	}
	tested := map[string]bool{}
	for _, c := range cases {
		tested[c.module] = true
		t.Run(c.module, func(t *testing.T) { c.check(t, codes[c.module]) })
	}
	for name, code := range codes {
		if code != "NULL" && code != "" && !tested[name] {
			t.Errorf("module %q is not tested", name)
		}
	}
}

// TestRealInlineCode checks that the scripts inside the real application's nodes
// parse, and that none needs the transpiler.
func TestRealInlineCode(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(sharedFixture, "app.json"))
	if os.IsNotExist(err) {
		t.Log("the real application is not beside the checkout")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		Drawflow map[string]struct {
			Data map[string]struct {
				Data struct {
					Code string `json:"code"`
				} `json:"data"`
			} `json:"data"`
		} `json:"drawflow"`
	}
	if err := json.Unmarshal(raw, &app); err != nil {
		t.Fatal(err)
	}
	seen := 0
	e := testEngine()
	for _, flow := range app.Drawflow {
		for id, n := range flow.Data {
			if n.Data.Code == "" {
				continue
			}
			seen++
			if _, err := e.compilePlain(source{code: n.Data.Code, shape: programShape}); err != nil {
				t.Errorf("node %s: %v", id, err)
			}
		}
	}
	if seen == 0 {
		t.Error("no inline code found")
	}
}
