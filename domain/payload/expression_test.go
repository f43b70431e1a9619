package payload_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func scope(t testing.TB) payload.Scope {
	t.Helper()
	return payload.Scope{
		Payload: must(t, `{"name":"Ada \"A\"","n":1.50,"none":null,"yes":true,"list":[{"id":7},{"id":8}],"o":{"a-b":"dash"},"empty":""}`),
		Vars:    must(t, `{"id":"42"}`),
	}
}

func TestExpression(t *testing.T) {
	tests := []struct{ name, in, text, value string }{
		{"literal", "plain } {text}", "plain } {text}", `"plain } {text}"`},
		{"nothing", "", "", `""`},
		{"lone string", "{{payload.name}}", `Ada "A"`, `"Ada \"A\""`},
		{"lone number keeps its type and digits", "{{ payload.n }}", "1.50", `1.50`},
		{"lone boolean", "{{payload.yes}}", "true", `true`},
		{"lone null", "{{payload.none}}", "", `null`},
		{"lone object", "{{payload.o}}", `{"a-b":"dash"}`, `{"a-b":"dash"}`},
		{"a blank makes it a text", " {{payload.n}}", " 1.50", `" 1.50"`},
		{"two in a row", "{{payload.n}}{{vars.id}}", "1.5042", `"1.5042"`},
		{"mixed", "a{{vars.id}}b{{payload.yes}}c", "a42btruec", `"a42btruec"`},
		{"index in brackets", "{{payload.list[1].id}}", "8", `8`},
		{"index with a dot", "{{payload.list.0.id}}", "7", `7`},
		{"dash in a key", "{{payload.o.a-b}}", "dash", `"dash"`},
		{"all variables", "{{vars}}", `{"id":"42"}`, `{"id":"42"}`},
		{"default unused", `{{payload.n ?? 2}}`, "1.50", `1.50`},
		{"default text", `{{payload.x ?? "a \" }b"}}`, `a " }b`, `"a \" }b"`},
		{"default number", `{{payload.x??0}}`, "0", `0`},
		{"default null", `{{payload.x ?? null}}`, "", `null`},
		{"default list", `{{payload.x ?? []}}`, "[]", `[]`},
		{"default object", `{{payload.x ?? {}}}`, "{}", `{}`},
		{"default nested object", `<{{payload.x ?? {"a":{"b":"}}"}} }}>`, `<{"a":{"b":"}}"}}>`, `"<{\"a\":{\"b\":\"}}\"}}>"`},
		{"default text with the closing mark", `{{payload.x ?? "}}"}}!`, "}}!", `"}}!"`},
		{"the default of an empty text is not used", `{{payload.empty ?? "d"}}`, "", `""`},
		{"a value is not read again", "{{payload.o.a-b}}{{vars.id}}", "dash42", `"dash42"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := payload.ParseExpression(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := e.Text(scope(t)); err != nil || got != tt.text {
				t.Errorf("text: got %q, %v; want %q", got, err, tt.text)
			}
			if got, err := e.Value(scope(t)); err != nil || string(got.Bytes()) != tt.value {
				t.Errorf("value: got %s, %v; want %s", got.Bytes(), err, tt.value)
			}
			if e.IsLiteral() != !strings.Contains(tt.in, "{{") {
				t.Errorf("IsLiteral = %v", e.IsLiteral())
			}
		})
	}
}

// What a visitor sends must never be read as an expression itself.
func TestExpressionsInValuesStayText(t *testing.T) {
	e, err := payload.ParseExpression("<{{payload.x}}>")
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Text(payload.Scope{Payload: must(t, `{"x":"{{vars.secret}}"}`), Vars: must(t, `{"secret":"s"}`)})
	if err != nil || got != "<{{vars.secret}}>" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestExpressionFaults(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"not closed", "a {{payload.x", "not closed"},
		{"half closed", "{{payload.x}", "not closed"},
		{"empty", "{{}}", "looks like"},
		{"blank", "{{  }}", "looks like"},
		{"unknown root", "{{env.HOME}}", `unknown name "env"`},
		{"similar root", "{{payloads.a}}", "unknown name"},
		{"empty key", "{{payload..a}}", "looks like"},
		{"trailing dot", "{{payload.a.}}", "looks like"},
		{"blank in a key", "{{payload.a b}}", "looks like"},
		{"call", "{{payload.a()}}", "looks like"},
		{"quoted key", `{{payload["a"]}}`, "looks like"},
		{"bracket not closed", "{{payload.a[0}}", "looks like"},
		{"bracket not opened", "{{payload.a0]}}", "looks like"},
		{"text after a bracket", "{{payload.a[0]b}}", "looks like"},
		{"empty brackets", "{{payload.a[]}}", "looks like"},
		{"nested brackets", "{{payload.a[b[0]]}}", "looks like"},
		{"default is no JSON", "{{payload.a ?? none}}", "JSON literal"},
		{"default is missing", "{{payload.a ??}}", "JSON literal"},
		{"text after the default", "{{payload.a ?? 1 2}}", "JSON literal"},
		{"default not closed", `{{payload.a ?? "x}}`, "JSON literal"},
		{"second one", "{{payload.a}} {{x}}", "unknown name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := payload.ParseExpression(tt.in)
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestMissingReferenceNamesItself(t *testing.T) {
	e, err := payload.ParseExpression("Dear {{payload.surname}}")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Text(scope(t)); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "{{payload.surname}}") {
		t.Errorf("got %v", err)
	}
	if _, err := e.Value(payload.Scope{}); err == nil {
		t.Error("a zero scope has no values")
	}
}

func TestTextEscaped(t *testing.T) {
	e, err := payload.ParseExpression("a={{vars.id}}&b={{payload.o.a-b}}")
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.TextEscaped(scope(t), func(before, value string) string { return "<" + before + "|" + value + ">" })
	if want := "a=<a=|42>&b=<a=<a=|42>&b=|dash>"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestPattern(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"literal", `{"a":[1,"x",null],"b":{}}`, `{"a":[1,"x",null],"b":{}}`},
		{"types are kept", `{"a":"{{payload.n}}","b":["{{payload.yes}}","id {{vars.id}}"],"c":1}`, `{"a":1.50,"b":[true,"id 42"],"c":1}`},
		{"deep", `[[{"x":["{{payload.list[0]}}"]}]]`, `[[{"x":[{"id":7}]}]]`},
		{"lone text", `"{{payload.o}}"`, `{"a-b":"dash"}`},
		{"keys are taken as they are", `{"{{vars.id}}":"{{vars.id}}"}`, `{"{{vars.id}}":"42"}`},
		{"number", `5`, `5`},
		{"empty list beside a reference", `[[],{},"{{vars.id}}"]`, `[[],{},"42"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := payload.ParsePattern(must(t, tt.in))
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Render(scope(t))
			if err != nil || string(got.Bytes()) != tt.want {
				t.Errorf("got %s, %v; want %s", got.Bytes(), err, tt.want)
			}
			if p.IsLiteral() != (tt.in == tt.want) {
				t.Errorf("IsLiteral = %v", p.IsLiteral())
			}
		})
	}
	for _, bad := range []string{`"{{x}}"`, `{"a":["{{"]}`, `[{"a":"{{}}"}]`} {
		if _, err := payload.ParsePattern(must(t, bad)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", bad, err)
		}
	}
	for _, missing := range []string{`"{{payload.x}}"`, `{"a":["{{payload.x}}"]}`} {
		p, err := payload.ParsePattern(must(t, missing))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Render(scope(t)); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", missing, err)
		}
	}
}
