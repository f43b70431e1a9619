package node_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// Every fault of a node comes back at once, each with its field, each once.
func TestFaultsOfFields(t *testing.T) {
	tests := []struct{ name, typ, data, fields string }{
		{"start, fine", "httpstart", `{"method":"post","path":"/a"}`, ""},
		{"start, every field", "starter", `{"method":"GE T","path":["/"],"auth":"yes"}`, "data.auth data.method data.path"},
		{"start, path as an object in urlpattern", "starter", `{"urlpattern":{}}`, "data.urlpattern"},

		{"js, nothing", "js", `{}`, "data.script"},
		{"js, empty texts and null", "js", `{"script":"","code":null}`, "data.script"},
		{"js, language", "js", `{"script":"return 1;","language":"py"}`, "data.language"},
		{"js, script is a list", "js", `{"script":[1],"language":{}}`, "data.language data.script"},

		{"http, nothing", "http", `{}`, "data.url"},
		{"http, blank url", "http", `{"url":"  "}`, "data.url"},
		{"http, url is an object", "http", `{"url":{}}`, "data.url"},
		{
			"http, every field", "http",
			`{"method":"BREW","url":"{{x}}","headers":[],"query":"a","body":{"a":"{{"},"timeout":"soon","retries":11,"expect":"good","as":[]}`,
			"data.as data.body data.expect data.headers data.method data.query data.retries data.timeout data.url",
		},
		{"http, bad headers", "http", `{"url":"http://x","headers":{"A":"{{x}}"}}`, "data.headers"},
		{"http, trace", "http", `{"url":"http://x","method":"CONNECT"}`, "data.method"},
		{"http, zero timeout", "http", `{"url":"http://x","timeout":0}`, "data.timeout"},
		{"http, negative retries", "http", `{"url":"http://x","retries":-1}`, "data.retries"},
		{"http, half a retry", "http", `{"url":"http://x","retries":1.5}`, "data.retries"},

		{"db, nothing", "db", `{}`, "data.database data.query"},
		{"db, every field", "db", `{"database":[],"query":"SELECT $1","params":{},"mode":"all","max_rows":0,"as":{}}`,
			"data.as data.database data.max_rows data.mode data.params"},
		{"db, too few params", "db", `{"database":"d","query":"SELECT $1, $2","params":[1]}`, "data.params"},
		{"db, too many params", "db", `{"database":"d","query":"SELECT 1","params":[1]}`, "data.params"},
		{"db, bad param", "db", `{"database":"d","query":"SELECT $1","params":["{{"]}`, "data.params"},
		{"db, bad mode once", "db", `{"database":"d","query":"SELECT 1","mode":"many"}`, "data.mode"},
		{"db, empty list", "db", `{"database":"d","statements":[]}`, "data.statements"},
		{"db, statements is a text", "db", `{"database":"d","statements":"SELECT 1"}`, "data.statements"},
		{
			"db, statements", "db", `{"database":"d","statements":[{"query":"SELECT $1"},{},7,{"query":"SELECT 1","mode":"x"},{"query":"SELECT 1","params":5}]}`,
			"data.statements[0].params data.statements[1].query data.statements[2].query data.statements[3].mode data.statements[4].params",
		},
		{"db, list of queries", "db", `{"database":"d","query":["SELECT 1","SELECT $1"]}`, "data.query[1].params"},

		{"mail, nothing", "mail", `{}`, "data.text data.to"},
		{
			"mail, every field", "mail",
			`{"to":"{{","cc":["{{x}}"],"bcc":"{{y","from":[],"subject":{},"html":"{{}}","text":[],"attachments":"a"}`,
			"data.attachments data.bcc data.cc data.from data.html data.subject data.text data.to",
		},
		{"mail, attachments with a bad reference", "mail", `{"to":"a@b.c","text":"t","attachments":[{"name":"{{"}]}`, "data.attachments"},

		{"template, nothing", "template", `{}`, "data.template"},
		{"template, every field", "template", `{"template":[],"engine":"erb","as":{},"status":99,"content_type":[]}`,
			"data.as data.content_type data.engine data.status data.template"},

		{"response, nothing is fine", "response", `{}`, ""},
		{"response, every field", "response", `{"status":"abc","headers":"x","body":["{{"]}`, "data.body data.headers data.status"},
		{"response, status out of range", "response", `{"status":600}`, "data.status"},
		{"response, status is no final answer", "response", `{"status":100}`, "data.status"},
		{"response, bad status reference", "response", `{"status":"{{status}}"}`, "data.status"},

		{"plugin, nothing", "plugin", `{}`, "data.plugin"},
		{"dromedary, nothing", "dromedary", `{"plugin":"x","node":[]}`, "data.dromedary_name data.node"},
		{"dromedary_callback, nothing", "dromedary_callback", `{}`, "data.dromedary_name"},
		{"fork takes anything", "fork", `{"x":1}`, ""},
		{"gorutine takes anything", "gorutine", `{}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := compile(t, tt.typ, tt.data)
			if got := places(faults); got != tt.fields {
				t.Errorf("fields at fault: %q, want %q\n%v", got, tt.fields, faults)
			}
			for _, f := range faults {
				if f.Code != fault.Invalid || f.Message == "" || strings.Contains(f.Message, "payload.") && strings.Contains(f.Message, "0x") {
					t.Errorf("%s: %q", f.Code, f.Message)
				}
			}
		})
	}
}

// Nothing in a node's data makes a type panic, and what compiled without fault
// plans without one.
func TestTypesSurviveAnyField(t *testing.T) {
	odd := []string{`null`, `""`, `" "`, `0`, `-1`, `1e400`, `true`, `[]`, `{}`, `[[{}]]`, `{"a":null}`, `"{{payload}}"`, `"{{"`, `"\u0000"`, `"any"`}
	fields := map[string][]string{
		"httpstart": {"method", "path", "urlpattern", "auth", "nflow_auth"},
		"js":        {"script", "code", "language"},
		"http":      {"method", "url", "headers", "query", "body", "timeout", "retries", "expect", "as"},
		"db":        {"database", "query", "params", "statements", "mode", "max_rows", "as"},
		"mail":      {"to", "cc", "bcc", "from", "subject", "text", "html", "attachments"},
		"template":  {"template", "engine", "as", "status", "content_type"},
		"response":  {"status", "headers", "body"},
		"plugin":    {"plugin", "node"},
	}
	good := map[string]string{
		"httpstart": `{}`, "js": `{"script":"return 1;"}`, "http": `{"url":"http://x/"}`, "db": `{"database":"d","query":"SELECT 1"}`,
		"mail": `{"to":"a@b.c","text":"t"}`, "template": `{"template":"<b>"}`, "response": `{}`, "plugin": `{"plugin":"p"}`,
	}
	types := node.NewRegistry(node.Builtins()...)
	for name, all := range fields {
		typ, _ := types.Type(name)
		for _, field := range all {
			for _, one := range odd {
				data := value(t, good[name]).With(field, value(t, one))
				c, faults := typ.Compile(node.Definition{ID: "n", Data: data})
				if len(faults) > 0 {
					continue
				}
				for _, in := range []node.Input{{}, input(t, `{"a":1}`), input(t, `[1]`), input(t, `"x"`)} {
					if _, err := c.Executor.Plan(in); fault.CodeOf(err) == fault.Internal {
						t.Errorf("%s %s: %v", name, data.Bytes(), err)
					}
					if _, err := c.Executor.Settle(in, nil); err == nil {
						t.Errorf("%s %s: settles nothing", name, data.Bytes())
					}
				}
			}
		}
	}
}
