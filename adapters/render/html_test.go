package render_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/render"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

type row struct{ name, source, data, want string }

func check(t *testing.T, engine node.TemplateEngine, rows []row) {
	t.Helper()
	r := render.New(render.Config{})
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			got, err := r.Render(t.Context(), engine, tt.source, value(t, tt.data))
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func value(t testing.TB, json string) payload.Value {
	t.Helper()
	v, err := payload.Parse([]byte(json))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHTML(t *testing.T) {
	check(t, node.HTMLTemplate, []row{
		{"text", `hello`, `{}`, `hello`},
		{"nothing", ``, `{}`, ``},
		{"only definitions", `{{define "a"}}x{{end}}`, `{}`, ``},
		{"escaped", `<p>{{.x}}</p>`, `{"x":"<b>&"}`, `<p>&lt;b&gt;&amp;</p>`},
		{"escaped in attributes and links", `<a href="{{.x}}" title="{{.x}}">`, `{"x":"javascript:\"x\""}`, `<a href="#ZgotmplZ" title="javascript:&#34;x&#34;">`},
		{"raw", `{{unescapeHTML .x}}{{.x | unescapeHTML}}`, `{"x":"<b>"}`, `<b><b>`},
		{"raw of nothing", `[{{unescapeHTML .x}}{{unescapeHTML .n}}]`, `{"n":null}`, `[]`},
		{"raw of a number", `{{unescapeHTML .x}}`, `{"x":5}`, `5`},
		{"dot of a scalar", `{{.}}`, `"x"`, `x`},
		{"dot of null", `[{{.}}{{.x}}]`, `null`, `[]`},
		{"definitions in one source", `{{define "a"}}<{{.}}>{{end}}{{template "a" .x}}{{block "b" .y}}[{{.}}]{{end}}`, `{"x":1,"y":2}`, `&lt;1>[2]`},
		{"sorted keys", `{{range $k, $v := .}}{{$k}}={{$v}};{{end}}`, `{"b":2,"a":1}`, `a=1;b=2;`},
		{"last duplicate", `[{{.a}}]`, `{"a":1,"a":null}`, `[]`},
		{"printing functions", `{{printf "%03d|%s|%.2f" .n .s .f}} {{print .n .s}} {{len .s}} {{html .s}}`, `{"n":7,"s":"<","f":1.005}`, `007|&lt;|1.00 7&lt; 1 &lt;`},
	})
}

func TestHTMLNothingIsEmpty(t *testing.T) {
	rows := []row{}
	for name, data := range map[string]string{"missing": `{}`, "null": `{"x":null}`, "empty": `{"x":{}}`} {
		rows = append(rows,
			row{name + " member of a member", `[{{.x.y}}]`, data, `[]`},
			row{name + " index", `[{{index .x "username"}}]`, data, `[]`},
			row{name + " deep index", `[{{index .x "a" "b" "c"}}]`, data, `[]`},
			row{name + " if", `{{if .x}}yes{{else}}no{{end}}`, data, `no`},
			row{name + " with", `{{with .x}}yes{{else}}no{{end}}`, data, `no`},
			row{name + " range", `{{range .x}}yes{{else}}no{{end}}`, data, `no`},
			row{name + " compared", `{{if eq .x.y "a"}}yes{{else}}no{{end}}`, data, `no`},
			row{name + " attribute", `<input value="{{index .x "v"}}">`, data, `<input value="">`},
			row{name + " or", `{{or .x.y "default"}}`, data, `default`},
		)
	}
	rows = append(rows,
		row{"missing value", `[{{.x}}]`, `{}`, `[]`},
		row{"null value", `[{{.x}}]`, `{"x":null}`, `[]`},
		row{"null compared", `{{if eq .x "a"}}yes{{else}}no{{end}}`, `{"x":null}`, `no`},
		row{"null in a list", `{{range .}}({{.}}{{.a}}{{index . "a"}}{{if .}}yes{{end}}){{end}}`, `[null,{"a":1}]`, `()(map[a:1]11yes)`},
		row{"null in a script", `<script>x={{.x}};y={{.y}}</script>`, `{"x":null,"y":[null,1.5,2]}`, `<script>x= null ;y=[null,1.5,2]</script>`},
	)
	check(t, node.HTMLTemplate, rows)
}

func TestNumbersPrintAsWritten(t *testing.T) {
	const data = `{"n":[0,1000000,1e6,-7,1.5,1234567.5,0.1,1e-7,12345678901234567890,9007199254740993,1e21,1e999]}`
	const want = `0 1000000 1000000 -7 1.5 1234567.5 0.1 1e-07 12345678901234567890 9007199254740993 1e&#43;21 1e999 `
	check(t, node.HTMLTemplate, []row{
		{"text", `{{range .n}}{{.}} {{end}}`, data, want},
		{"truth", `{{if .a}}a{{end}}{{if .b}}b{{end}}`, `{"a":0,"b":0.5}`, `b`},
		{"compared", `{{if gt .a 5}}a{{end}}{{if lt .b 0.6}}b{{end}}`, `{"a":6,"b":0.5}`, `ab`},
		{"index by a number", `{{index .a .i}}`, `{"a":[1,2],"i":1}`, `2`},
		{"script", `<script>x={{.a}}</script>`, `{"a":[1.5,12345678901234567890]}`, `<script>x=[1.5,12345678901234567890]</script>`},
	})
	check(t, node.Mustache, []row{
		{"text", `{{#n}}{{.}} {{/n}}`, data, strings.ReplaceAll(want, "&#43;", "+")},
		{"truth", `{{#a}}a{{/a}}{{#b}}b{{/b}}{{^c}}c{{/c}}`, `{"a":0,"b":0.5,"c":0.0}`, `bc`},
	})
}

func TestHTMLFaultsSayWhere(t *testing.T) {
	r := render.New(render.Config{})
	for _, tt := range []struct {
		name, source, data, says string
		line, column             int
		early                    bool // found by Check
	}{
		{"syntax", "a\nb {{.x", `{}`, "unclosed action", 2, 0, true},
		{"unknown function", "a\n\n{{os \"x\"}}", `{}`, `"os" not defined`, 3, 0, true},
		{"unknown template", "a\n{{template \"x\"}}", `{}`, `no such template "x"`, 2, 12, true},
		{"unsafe branches", "a\n<a href='\n{{if .y}}'{{end}}>", `{}`, "branches end in different contexts", 3, 6, true},
		{"unsafe quote", "a\n<a b\"={{.x}}>", `{}`, "in attribute name", 0, 0, true},
		{"text of a number", "a\n  {{.x.y}}", `{"x":5}`, "can't evaluate field y", 2, 7, false},
		{"no element", "{{index .x 3}}", `{"x":[1]}`, "an array of 1 has no element 3", 1, 3, false},
		{"no name", "{{index .x 3}}", `{"x":{}}`, "named by a string", 1, 3, false},
		{"index of text", `{{index .x "a"}}`, `{"x":"t"}`, "t has no members", 1, 3, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := r.Check(node.HTMLTemplate, tt.source); (err != nil) != tt.early {
				t.Errorf("Check: %v", err)
			}
			_, err := r.Render(t.Context(), node.HTMLTemplate, tt.source, value(t, tt.data))
			f := fault.As(err)
			if f == nil || f.Code != fault.Invalid || f.Line != tt.line || f.Column != tt.column || !strings.Contains(f.Message, tt.says) {
				t.Fatalf("got %#v, want line %d:%d and %q", f, tt.line, tt.column, tt.says)
			}
			if strings.Contains(f.Message, "interface") || strings.Contains(f.Message, "template: ") {
				t.Errorf("the message shows internals: %s", f.Message)
			}
		})
	}
}

func TestUnknownEngine(t *testing.T) {
	r := render.New(render.Config{})
	if err := r.Check("jinja", "x"); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "html or mustache") {
		t.Errorf("got %v", err)
	}
}
