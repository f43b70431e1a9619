package render_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/render"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func TestMustache(t *testing.T) {
	check(t, node.Mustache, []row{
		{"text", `hello`, `{}`, `hello`},
		{"escaped", `{{x}} {{{x}}} {{&x}}`, `{"x":"<b>"}`, `&lt;b&gt; <b> <b>`},
		{"path", `{{a.b.c}}`, `{"a":{"b":{"c":1}}}`, `1`},
		{"missing", `[{{x}}{{x.y}}{{#x}}no{{/x}}{{^x}}yes{{/x}}]`, `{}`, `[yes]`},
		{"null", `[{{x}}{{x.y}}{{#x}}no{{/x}}{{^x}}yes{{/x}}]`, `{"x":null}`, `[yes]`},
		{"null hides the outer value", `{{#a}}[{{x}}]{{/a}}`, `{"x":1,"a":{"x":null}}`, `[]`},
		{"list", `{{#a}}{{n}},{{/a}}`, `{"a":[{"n":1},{"n":2}]}`, `1,2,`},
		{"nulls in a list", `{{#a}}[{{.}}]{{/a}}`, `{"a":[null,true]}`, `[][true]`},
		{"not an object", `[{{x}}{{.}}]`, `5`, `[5]`},
		{"own delimiters", `{{=<% %>=}}<%x%>{{x}}`, `{"x":1}`, `1{{x}}`},
	})
}

func TestMustacheFaults(t *testing.T) {
	r := render.New(render.Config{})
	for _, tt := range []struct {
		name, source, says string
		line               int
	}{
		{"open tag", "a\n{{x", "unmatched open tag", 2},
		{"open section", "a\n{{#x}}\n", "Section x has no closing tag", 2},
		{"crossed sections", "{{#x}}\n{{#y}}{{/x}}{{/y}}", "interleaved closing tag: x", 2},
		{"partial", "a\nb{{#x}}\n{{> /etc/passwd}}{{/x}}", "partials such as {{> /etc/passwd}} are not supported", 3},
		{"nested", strings.Repeat("{{#a}}", 101) + strings.Repeat("{{/a}}", 101), "deeper than 100 sections", 0},
		{"nested beyond measure", strings.Repeat("{{#a}}", 50_000), "nesting too deep", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := fault.As(r.Check(node.Mustache, tt.source))
			if f == nil || f.Code != fault.Invalid || f.Line != tt.line || !strings.Contains(f.Message, tt.says) {
				t.Errorf("got %#v, want line %d and %q", f, tt.line, tt.says)
			}
		})
	}
}

func TestMustacheReadsNoFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("secret.mustache", []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := render.New(render.Config{})
	for _, source := range []string{"{{> secret}}", "{{>secret.mustache}}", "{{=<< >>=}}<<> secret>>"} {
		if text, err := r.Render(t.Context(), node.Mustache, source, value(t, `{}`)); err == nil || strings.Contains(text, "secret") {
			t.Errorf("%s gave %q, %v", source, text, err)
		}
	}
}

func FuzzMustache(f *testing.F) {
	f.Add("{{=<% %>=}}<%#a%>{{b}}<%/a%>", `{"a":[1,null,{"b":2}]}`)
	f.Add("{{={{ }}=}}{{{}}", `{}`)
	f.Add("{{= =}}{{=", `null`)
	fuzz(f, node.Mustache)
}

func FuzzHTML(f *testing.F) {
	f.Add(`{{range .a}}{{.b}}{{index . "b"}}{{end}}`, `{"a":[{"b":2},null]}`)
	f.Add(`{{define "x"}}{{template "x"}}{{end}}{{template "x"}}`, `{}`)
	f.Add(`<script>{{if .}}"{{else}}'{{end}}</script>`, `null`)
	fuzz(f, node.HTMLTemplate)
}

// fuzz checks that whatever the input, the answer is a text within the bounds
// or a fault that says who can mend it.
func fuzz(f *testing.F, engine node.TemplateEngine) {
	r := render.New(render.Config{MaxOutput: 1 << 16, Timeout: 100 * time.Millisecond})
	f.Fuzz(func(t *testing.T, source, data string) {
		v, err := payload.Parse([]byte(data))
		if err != nil {
			return
		}
		started := time.Now()
		text, err := r.Render(t.Context(), engine, source, v)
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		if code := fault.CodeOf(err); len(text) > 1<<16 || (err != nil && code != fault.Invalid && code != fault.LimitExceeded) {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	})
}
