package node_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// What a visitor sends is one address and plain text, whatever it looks like.
func TestMailKeepsValuesInTheirPlace(t *testing.T) {
	const sent = `{"to": "a@x.org, evil@y.org", "list": ["b@x.org", "c@x.org"], "name": "<b>Ana</b>", "page": "<p>hi</p>"}`
	for _, tt := range []struct {
		name, data string
		to         []string
		html       string
	}{
		{"a reference is one address", `{"to": "{{payload.to}}", "text": "x"}`, []string{"a@x.org, evil@y.org"}, ""},
		{"beside another", `{"to": "first@x.org, {{payload.to}}", "text": "x"}`, []string{"first@x.org", "a@x.org, evil@y.org"}, ""},
		{"a reference to a list", `{"to": "{{payload.list}}", "text": "x"}`, []string{"b@x.org", "c@x.org"}, ""},
		{"a comma in a default", `{"to": "{{payload.none ?? \"d@x.org\"}},e@x.org", "text": "x"}`, []string{"d@x.org", "e@x.org"}, ""},
		{"a comma in a quoted name", `{"to": ["\"Doe, J\" <j@x.org>, k@x.org"], "text": "x"}`, []string{`"Doe, J" <j@x.org>`, "k@x.org"}, ""},
		{"values are escaped in html", `{"to": "a@x.org", "html": "<p>{{payload.name}}</p>"}`, []string{"a@x.org"}, "<p>&lt;b&gt;Ana&lt;/b&gt;</p>"},
		{"a whole page is not", `{"to": "a@x.org", "html": "{{payload.page}}"}`, []string{"a@x.org"}, "<p>hi</p>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := payload.Parse([]byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			mail, _ := node.NewRegistry(node.Builtins()...).Type("mail")
			compiled, faults := mail.Compile(node.Definition{ID: "m", Type: "mail", Data: data})
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			value, err := payload.Parse([]byte(sent))
			if err != nil {
				t.Fatal(err)
			}
			step, err := compiled.Executor.Plan(node.Input{Payload: value})
			if err != nil {
				t.Fatal(err)
			}
			r, _ := step.Request.(node.MailRequest)
			if diff := cmp.Diff(tt.to, r.To); diff != "" || r.HTML != tt.html {
				t.Errorf("to %s html %q", diff, r.HTML)
			}
		})
	}
}
