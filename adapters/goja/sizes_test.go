package goja

import (
	"context"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// TestSizes sends too much through every way out of a script.
func TestSizes(t *testing.T) {
	const big = `"x".repeat(2000)`
	tests := []struct{ name, code string }{
		{"returned", "return " + big},
		{"payload", "payload.x = " + big},
		{"many small values", "return new Array(500).fill('x')"},
		{"empty places", "let a = []; a.length = 4294967295; return a"},
		{"a key", "return {[" + big + "]: 1}"},
		{"a promise's value", "return Promise.resolve(" + big + ")"},
		{"toJSON", "return {toJSON: () => " + big + "}"},
		{"proxy", "return new Proxy([], {get: (o, k) => k === 'length' ? 1e9 : 1})"},
		{"host argument", "echo(" + big + ")"},
		{"host arguments together", "const s = 'x'.repeat(400); echo(s, s, s)"},
		{"next", "next = " + big},
		{"locals", `c.Set("a", ` + big + ")"},
		{"key of locals", "c.Set(" + big + ", 1)"},
		{"JSON", "c.JSON(200, " + big + ")"},
		{"JSONPretty", "c.JSONPretty(200, new Array(150).fill([]), '        ')"},
		{"JSONBlob", "c.JSONBlob(200, " + big + ")"},
		{"JSONP", "c.JSONP(200, 'f', " + big + ")"},
		{"callback of JSONP", "c.JSONP(200, " + big + ", 1)"},
		{"String", "c.String(200, " + big + ")"},
		{"HTML", "c.HTML(200, " + big + ")"},
		{"HTMLBlob", "c.HTMLBlob(200, " + big + ")"},
		{"XML", "c.XML(200, " + big + ")"},
		{"Blob", "c.Blob(200, 'text/plain', " + big + ")"},
		{"Stream", "c.Stream(200, 'text/plain', " + big + ")"},
		{"bytes", "c.Blob(200, 'a/b', new Uint8Array(2000))"},
		{"buffer of bytes", "c.Blob(200, 'a/b', new ArrayBuffer(2000))"},
		{"numbers", "c.Blob(200, 'a/b', new Array(2000).fill(1))"},
		{"content type", "c.Blob(200, " + big + ", '')"},
		{"File", "c.File('big')"},
		{"Attachment", "c.Attachment('big', 'x')"},
		{"name of an attachment", "c.Attachment('small', " + big + ")"},
		{"Redirect", "c.Redirect(302, '/' + " + big + ")"},
		{"header", "c.SetHeader('A', " + big + ")"},
		{"headers together", "for (let i = 0; i < 50; i++) c.Response().Header().Add('A', 'x'.repeat(40))"},
		{"cookie", "c.SetCookie({Name: 'a', Value: " + big + "})"},
		{"cookies together", "for (let i = 0; i < 50; i++) c.SetCookie({Name: 'a', Value: 'x'.repeat(40)})"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{files: map[string]string{"big": strings.Repeat("x", 2000), "small": "x"}}
			r, err := scriptCall{code: tt.code, payload: `{}`, host: host, limits: policy.Limits{PayloadBytes: 1000}}.run(t, testEngine())
			f := fault.As(err)
			if f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_payload_bytes" {
				t.Errorf("got %v, %d bytes", err, len(r.Payload.Bytes()))
			}
		})
	}
}

// TestSizesThatFit replaces headers again and again: only those kept count.
func TestSizesThatFit(t *testing.T) {
	code := `for (let i = 0; i < 100; i++) c.SetHeader("A", "x".repeat(500))
c.Response().Header().Del("A"); c.SetHeader("B", "x".repeat(800)); c.String(200, "x".repeat(1000)); return "x".repeat(998)`
	if _, err := (scriptCall{code: code, limits: policy.Limits{PayloadBytes: 1000}}).run(t, testEngine()); err != nil {
		t.Error(err)
	}
}

func TestHostCallLimit(t *testing.T) {
	for _, code := range []string{
		"\nfor (;;) echo(1)",
		"\nfor (;;) try { echo(1) } catch (e) {} finally { continue }",
		"\n[1, 2, 3, 4, 5, 6, 7, 8].forEach(x => echo(x))",
		"\nfunction f() { return Promise.resolve(echo(1)).then(f, f) } await f()",
		"\nfor (let i = 0; ; i++) require('m' + (i % 10))",
		"\nfor (let i = 0; ; i++) try { require('absent' + i) } catch (e) {}",
		"\nfor (let i = 0; ; i++) try { c.File('small') } catch (e) {}",
		"\nfor (let i = 0; ; i++) globalThis['name' + i]",
		"\nfor (let i = 0; ; i++) 'name' + i in globalThis",
	} {
		calls := 0
		host := &fakeHost{
			files:   map[string]string{"small": "x"},
			modules: scripts(map[string]string{"m0": "", "m1": "", "m2": "", "m3": "", "m4": "", "m5": "", "m6": "", "m7": "", "m8": ""}),
			functions: map[string]func(context.Context, []payload.Value) (payload.Value, error){
				"echo": func(context.Context, []payload.Value) (payload.Value, error) { calls++; return payload.Value{}, nil },
			},
		}
		_, err := scriptCall{code: code, host: host, limits: policy.Limits{HostCalls: 5, Operations: 10_000}}.run(t, testEngine())
		f := fault.As(err)
		if f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_host_calls" || f.Line != 2 || calls > 5 {
			t.Errorf("%s: got %v after %d calls", code, err, calls)
		}
	}
}

// TestSecondAnswersAreBounded checks that warnings of the engine count as lines.
func TestSecondAnswersAreBounded(t *testing.T) {
	host := &fakeHost{}
	_, err := scriptCall{code: `for (let i = 0; i < 100; i++) c.String(200, "x")`, host: host, limits: policy.Limits{LogLines: 3}}.run(t, testEngine())
	if err != nil || len(host.lines) != 3 {
		t.Errorf("got %v, %d lines", err, len(host.lines))
	}
}

func TestBigIntToJSONIsAskedOnce(t *testing.T) {
	got := body(t, "BigInt.prototype.toJSON = function () { return 5n }; try { echo(1n) } catch (e) { return e.message }", nil)
	if got != `"Do not know how to serialize a BigInt"` {
		t.Errorf("got %s", got)
	}
}
