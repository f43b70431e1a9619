package node_test

import (
	"fmt"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func show2(v any) string { return fmt.Sprintf("%T", v) }

func TestResponse(t *testing.T) {
	jsonType, textType := node.Header{"Content-Type", "application/json"}, node.Header{"Content-Type", "text/plain; charset=utf-8"}
	tests := []struct {
		name, data, in string
		want           node.Reply
	}{
		{"the payload", `{}`, `{"a":1}`, node.Reply{Status: 200, Header: []node.Header{jsonType}, Body: []byte(`{"a":1}`)}},
		{"a text payload", `{}`, `"hi"`, node.Reply{Status: 200, Header: []node.Header{textType}, Body: []byte(`hi`)}},
		{"null payload", `{}`, `null`, node.Reply{Status: 200, Header: []node.Header{jsonType}, Body: []byte(`null`)}},
		{"body of the author", `{"status":201,"body":{"id":"{{vars.id}}"}}`, `{}`, node.Reply{Status: 201, Header: []node.Header{jsonType}, Body: []byte(`{"id":"42"}`)}},
		{"text body", `{"body":"Hi {{payload.n}}"}`, `{"n":"Ada"}`, node.Reply{Status: 200, Header: []node.Header{textType}, Body: []byte(`Hi Ada`)}},
		{"empty body", `{"status":"204","body":""}`, `{"a":1}`, node.Reply{Status: 204, Header: []node.Header{textType}, Body: []byte{}}},
		{"status from the payload", `{"status":"{{payload.s}}"}`, `{"s":404}`, node.Reply{Status: 404, Header: []node.Header{jsonType}, Body: []byte(`{"s":404}`)}},
		{"status with a default", `{"status":"{{payload.s ?? 202}}","body":1}`, `{}`, node.Reply{Status: 202, Header: []node.Header{jsonType}, Body: []byte(`1`)}},
		{"content type of the author", `{"headers":{"content-type":"text/csv"},"body":"a;b"}`, `{}`, node.Reply{Status: 200, Header: []node.Header{{"content-type", "text/csv"}}, Body: []byte(`a;b`)}},
		{"further headers", `{"headers":{"X-A":["1","2"]},"body":1}`, `{}`, node.Reply{Status: 200, Header: []node.Header{jsonType, {"X-A", "1"}, {"X-A", "2"}}, Body: []byte(`1`)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			step, err := compiled(t, "response", tt.data).Executor.Plan(input(t, tt.in))
			if err != nil || step.Outcome.Reply == nil {
				t.Fatalf("got %+v, %v", step, err)
			}
			equal(t, "reply", *step.Outcome.Reply, tt.want)
			if string(step.Outcome.Payload.Bytes()) != tt.in {
				t.Errorf("the payload passes through, got %s", step.Outcome.Payload.Bytes())
			}
		})
	}
	for field, data := range map[string]string{
		"data.status": `{"status":"{{payload.s}}"}`, "data.headers": `{"headers":{"A":"{{payload.x}}"}}`, "data.body": `{"body":"{{payload.x}}"}`,
	} {
		for _, in := range []string{`{"s":"abc"}`, `{"s":99}`, `{"s":150}`, `{"s":700}`, `{}`} {
			_, err := compiled(t, "response", data).Executor.Plan(input(t, in))
			if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Field != field {
				t.Errorf("%s of %s: got %v", data, in, err)
			}
		}
	}
}

func TestTemplate(t *testing.T) {
	tests := []struct {
		name, data string
		want       node.RenderRequest
		kind       node.NeedKind
	}{
		{"inline", `{"template":"<b>{{.a}}</b>"}`, node.RenderRequest{Engine: node.HTMLTemplate, Source: "<b>{{.a}}</b>"}, node.NeedTemplateText},
		{"stored", `{"template":"mails/welcome.html","engine":"mustache"}`, node.RenderRequest{Engine: node.Mustache, Stored: "mails/welcome.html"}, node.NeedTemplate},
		{"references belong to the template", `{"template":"{{payload.a}}","engine":"mustache"}`, node.RenderRequest{Engine: node.Mustache, Source: "{{payload.a}}"}, node.NeedTemplateText},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Data = value(t, `{"a":1,"vars":{"id":"42"},"payload":{"a":1,"vars":0}}`)
			r := planned[node.RenderRequest](t, "template", tt.data, `{"a":1,"vars":0}`)
			equal(t, "request", r, tt.want)
			needs := compiled(t, "template", tt.data).Needs
			if len(needs) != 1 || needs[0].Kind != tt.kind || needs[0].Engine != tt.want.Engine || needs[0].Name != tt.want.Source+tt.want.Stored {
				t.Errorf("needs %+v", needs)
			}
		})
	}
	html := node.Header{"Content-Type", "text/html; charset=utf-8"}
	o := settled(t, "template", `{"template":"<b>"}`, `{"a":1}`, node.RenderResult{Text: "<b>"})
	equal(t, "answer", o, node.Outcome{Payload: value(t, `{"a":1}`), Reply: &node.Reply{Status: 200, Header: []node.Header{html}, Body: []byte("<b>")}})
	o = settled(t, "template", `{"template":"<b>","as":"response","status":"404","content_type":"text/xml"}`, `5`, node.RenderResult{})
	equal(t, "answer of the author", o, node.Outcome{Payload: value(t, `5`), Reply: &node.Reply{Status: 404, Header: []node.Header{{"Content-Type", "text/xml"}}, Body: []byte{}}})
	o = settled(t, "template", `{"template":"<b>","as":"page"}`, `{"a":1}`, node.RenderResult{Text: "<b>\"é"})
	equal(t, "field", string(o.Payload.Bytes()), `{"a":1,"page":"<b>\"é"}`)
}

func TestDatabase(t *testing.T) {
	tests := []struct {
		name, data string
		want       node.QueryRequest
	}{
		{"one", `{"database":"d","query":"SELECT $1, $2, $1","params":["{{payload.n}}","id {{vars.id}}"],"mode":"row","max_rows":5}`, node.QueryRequest{
			Database: "d", MaxRows: 5, Statements: []node.Statement{{Query: "SELECT $1, $2, $1", Mode: node.Row, Params: vals(t, `1.50`, `"id 42"`)}}}},
		{"values are never read as SQL or references", `{"database":"d","query":"SELECT ?","params":["{{payload.evil}}"]}`, node.QueryRequest{
			Database: "d", Statements: []node.Statement{{Query: "SELECT ?", Mode: node.Rows, Params: vals(t, `"'; DROP {{vars.id}}"`)}}}},
		{"a query is no expression", `{"database":"d","query":"SELECT '{{payload.n}}'"}`, node.QueryRequest{
			Database: "d", Statements: []node.Statement{{Query: "SELECT '{{payload.n}}'", Mode: node.Rows}}}},
		{"null and objects", `{"database":"d","query":"SELECT ?, ?, ?","params":[null,{"a":"{{payload.n}}"},true]}`, node.QueryRequest{
			Database: "d", Statements: []node.Statement{{Query: "SELECT ?, ?, ?", Mode: node.Rows, Params: vals(t, `null`, `{"a":1.50}`, `true`)}}}},
		{"transaction", `{"database":"d","mode":"exec","statements":["DELETE FROM a",{"query":"SELECT ?","params":[1],"mode":"row"}]}`, node.QueryRequest{
			Database: "d", Statements: []node.Statement{{Query: "DELETE FROM a", Mode: node.Exec}, {Query: "SELECT ?", Mode: node.Row, Params: vals(t, `1`)}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := planned[node.QueryRequest](t, "db", tt.data, `{"n":1.50,"evil":"'; DROP {{vars.id}}"}`)
			equal(t, "request", r, tt.want)
			needs := compiled(t, "db", tt.data).Needs
			if len(needs) != 1 || needs[0].Kind != node.NeedDatabase || needs[0].Name != "d" || needs[0].Field != "data.database" {
				t.Errorf("needs %+v", needs)
			}
		})
	}
	result := node.QueryResult{Values: vals(t, `[{"a":1}]`)}
	equal(t, "one result", string(settled(t, "db", `{"database":"d","query":"SELECT 1"}`, `{"x":1}`, result).Payload.Bytes()), `[{"a":1}]`)
	equal(t, "kept", string(settled(t, "db", `{"database":"d","query":"SELECT 1","as":"r"}`, `{"x":1}`, result).Payload.Bytes()), `{"x":1,"r":[{"a":1}]}`)
	equal(t, "a list of one is a list", string(settled(t, "db", `{"database":"d","statements":["SELECT 1"]}`, `{}`, result).Payload.Bytes()), `[[{"a":1}]]`)
	_, err := compiled(t, "db", `{"database":"d","statements":["SELECT 1",{"query":"SELECT ?","params":["{{payload.gone}}"]}]}`).Executor.Plan(input(t, `{}`))
	if f := fault.As(err); f == nil || f.Field != "data.statements[1].params" {
		t.Errorf("got %v", err)
	}
}

func TestMail(t *testing.T) {
	tests := []struct {
		name, data string
		want       node.MailRequest
	}{
		{"least", `{"to":"a@b.c","text":"Hi {{payload.n}}"}`, node.MailRequest{To: []string{"a@b.c"}, Text: "Hi Ada"}},
		{"text with commas", `{"to":" a@b.c, ,d@e.f,","text":"t"}`, node.MailRequest{To: []string{"a@b.c", "d@e.f"}, Text: "t"}},
		{"comma in a quoted name", `{"to":"\"Doe, John\" <j@b.c>, d@e.f","text":"t"}`, node.MailRequest{To: []string{`"Doe, John" <j@b.c>`, "d@e.f"}, Text: "t"}},
		{"list from the payload", `{"to":"{{payload.all}}","cc":["{{payload.n}} <a@b.c>"],"bcc":["x@y.z","v@w.x"],"from":"f@g.h","subject":"No {{vars.id}}","html":"<p>"}`, node.MailRequest{
			From: "f@g.h", To: []string{"1@a.b", "2@a.b"}, CC: []string{"Ada <a@b.c>"}, BCC: []string{"x@y.z", "v@w.x"}, Subject: "No 42", HTML: "<p>"}},
		{"attachments", `{"to":"a@b.c","text":"t","attachments":[{"name":"{{payload.n}}.txt","content":"é {{vars.id}}"},{"name":"b.bin","content":"//4=","encoding":"base64","content_type":"x/y"}]}`, node.MailRequest{
			To: []string{"a@b.c"}, Text: "t", Attachments: []node.Attachment{{Name: "Ada.txt", Content: []byte("é 42")}, {Name: "b.bin", ContentType: "x/y", Content: []byte{0xff, 0xfe}}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			equal(t, "mail", planned[node.MailRequest](t, "mail", tt.data, `{"n":"Ada","all":["1@a.b","2@a.b"]}`), tt.want)
		})
	}
	for want, data := range map[string]string{
		"data.attachments[0]": `{"to":"a@b.c","text":"t","attachments":[{"content":"x"}]}`,
		"data.attachments[1]": `{"to":"a@b.c","text":"t","attachments":[{"name":"a"},{"name":"b","content":"!","encoding":"base64"}]}`,
		"data.attachments[2]": `{"to":"a@b.c","text":"t","attachments":[{"name":"a"},{"name":"b","encoding":"text"},{"name":"c","encoding":"hex"}]}`,
		"data.attachments":    `{"to":"a@b.c","text":"t","attachments":[{"name":"{{payload.gone}}"}]}`,
		"data.to":             `{"to":"{{payload.gone}}","text":"t"}`,
		"data.subject":        `{"to":"a@b.c","text":"t","subject":"{{payload.gone}}"}`,
		"data.html":           `{"to":"a@b.c","html":"{{payload.gone}}"}`,
	} {
		_, err := compiled(t, "mail", data).Executor.Plan(input(t, `{}`))
		if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Field != want {
			t.Errorf("%s: got %v", data, err)
		}
	}
	o := settled(t, "mail", `{"to":"a@b.c","text":"t"}`, `{"a":1}`, node.Done{})
	equal(t, "the payload passes through", o, node.Outcome{Payload: value(t, `{"a":1}`)})
}
