package goja

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func TestBody(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"returns", `return {b: payload.a + 1}`, `{"b":2}`},
		{"edits", `payload.b = 2`, `{"a":1,"b":2}`},
		{"replaces", `payload = [1]`, `[1]`},
		{"does nothing", ``, `{"a":1}`},
		{"comment at the end", `return 1 // one`, `1`},
		{"scalar", `return "x"`, `"x"`},
		{"null is an empty object", `return null`, `{}`},
		{"payload set to null", `payload = null`, `{}`},
		{"payload set to undefined", `payload = undefined`, `{}`},
		{"returned promise", `return Promise.resolve({b: 2})`, `{"b":2}`},
		{"await", `const x = await Promise.resolve(3); return {x}`, `{"x":3}`},
		{"async without return", `payload.b = await 2`, `{"a":1,"b":2}`},
		{"thenable", `return {then(ok) { ok({b: 1}) }}`, `{"b":1}`},
		{"timer", `return new Promise(ok => setTimeout(() => ok({b: 1}), 2))`, `{"b":1}`},
		{"sloppy globals", `for (key in payload) { total = key } return {total}`, `{"total":"a"}`},
		{"strict", `"use strict"; try { undeclared = 1 } catch (e) { return e.name }`, `"ReferenceError"`},
		{"this is the global object", `return this["payload"].a + globalThis.payload.a`, `2`},
		{"this in a function", `return (function () { return this.payload.a })()`, `1`},
		{"assignment through this", `this.payload = {z: 1}`, `{"z":1}`},
		{"in through this", `return ["payload" in this, "nothing" in this, this.hasOwnProperty("nothing")]`, `[true,false,false]`},
		{"deleted stays deleted", `this.payload; delete this.payload; return typeof payload`, `"undefined"`},
		{"computed name", `return globalThis["uu" + "id"]().length`, `36`},
		{"undefined name", `try { return nothing } catch (e) { return String(e) }`, `"ReferenceError: nothing is not defined"`},
		{"typeof an undefined name", `return typeof nothing`, `"undefined"`},
		{"not converted to JSON", `return () => 1`, `{}`},
		{"modern syntax", `class A { #x = 1; static { A.y = 2 } x() { return this.#x } } let o = {}; o.a ??= 1_0; return [new A().x(), A.y, o?.a]`, `[1,2,10]`},
		{"async generator", `async function* g() { yield 1; yield 2 } let s = 0; for await (const x of g()) s += x; return s`, `3`},
		{"byte order mark", "\ufeffreturn 1", `1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := body(t, tt.code, nil); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestEntry(t *testing.T) {
	tests := []struct{ name, code, entry, payload, wantPayload, wantNext string }{
		{"main", `function main() { payload.b = 2; next = "output_2" }`, "main", `{"a":1}`, `{"a":1,"b":2}`, "output_2"},
		{"return value is ignored", `function main() { return {x: 1} }`, "main", `{"a":1}`, `{"a":1}`, "output_1"},
		{"async", `async function main() { await null; next = "later" }`, "main", `{}`, `{}`, "later"},
		{"arrow", `const main = () => { next = "x" }`, "main", `{}`, `{}`, "x"},
		{"other name", `function auth() { next = "login" } function log() {}`, "auth", `{}`, `{}`, "login"},
		{"payload null", `function main() { payload = null }`, "main", `{"a":1}`, `{}`, "output_1"},
		{"payload never null", `function main() { payload.x = 1 }`, "main", `null`, `{"x":1}`, "output_1"},
		{"redeclared payload", `var payload = payload || {}; function main() { payload.x = 1 }`, "main", `{"a":1}`, `{"a":1,"x":1}`, "output_1"},
		{"next is a number", `function main() { next = 3 }`, "main", `{}`, `{}`, "3"},
		{"next is null", `function main() { next = null }`, "main", `{}`, `{}`, ""},
		{"exported", `export function main() { next = "es" }`, "main", `{}`, `{}`, "es"},
		{"exported default", `export default async function main() { next = "es" }`, "main", `{}`, `{}`, "es"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scriptCall{code: tt.code, entry: tt.entry, payload: tt.payload}.run(t, testEngine())
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Payload.Bytes()) != tt.wantPayload || got.Next != tt.wantNext {
				t.Errorf("got %s, next %q", got.Payload.Bytes(), got.Next)
			}
			if got.Reply != nil || !got.Locals.IsZero() {
				t.Errorf("unexpected reply or locals: %+v", got)
			}
		})
	}
}

func TestNextFromHost(t *testing.T) {
	host := &fakeHost{globals: map[string]string{"next": `"start"`}}
	for _, code := range []string{`return 1`, `payload = next`} {
		got, err := scriptCall{code: code, host: host}.run(t, testEngine())
		if err != nil || got.Next != "start" {
			t.Errorf("%s: next %q, %v", code, got.Next, err)
		}
	}
}

func TestEntryMissing(t *testing.T) {
	_, err := scriptCall{code: `function other() {}`, entry: "main", field: "data.script"}.run(t, testEngine())
	f := wantFault(t, err, fault.ScriptFailed, 0, 0)
	if !strings.Contains(f.Message, "main()") || f.Field != "data.script" {
		t.Errorf("got %v", f)
	}
}

func TestTypeScript(t *testing.T) {
	e := testEngine()
	tests := []struct{ name, code, entry, want string }{
		{"body", "interface P { a: number }\nconst p = payload as P; return {b: p.a + 1}", "", `{"b":2}`},
		{"async body", "const n: number = await Promise.resolve(4); return n", "", `4`},
		{"enum", "enum E { A = 5 } return E.A", "", `5`},
		{"main", "export async function main(): Promise<void> { payload.x = <number>1 }", "main", `{"a":1,"x":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := outcome(scriptCall{code: tt.code, entry: tt.entry, payload: `{"a":1}`, language: node.TypeScript}.run(t, e))
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name, code, entry string
		language          node.Language
		line, column      int
	}{
		{"body", "let a = 1\nlet b = )", "", "", 2, 9},
		{"first line of a body", "let a = )", "", "", 1, 9},
		{"characters, not bytes", "let añ = 'ññ' )", "", "", 1, 15},
		{"unclosed", "if (a) {\n  b()\n", "", "", 2, 6},
		{"breaks out", "}); evil(); (function(){", "", "", 1, 25},
		{"breaks out quietly", "} function x(){", "", "", 1, 3},
		{"program", "function main() {\n  return ]\n}", "main", "", 2, 10},
		{"duplicate declaration", "let a\nlet a", "main", "", 2, 5},
		{"await with an error", "await f()\nlet b = )", "", "", 2, 9},
		{"typescript", "let a: number = 1\nlet b: = 2", "", node.TypeScript, 2, 8},
		{"typescript, first line", "let b: = 2", "", node.TypeScript, 1, 8},
		{"typescript program", "function main(): void {\n  let b: = 2\n}", "main", node.TypeScript, 2, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := testEngine()
			script := node.Script{Code: tt.code, Entry: tt.entry, Language: tt.language, Field: "data.code"}
			_, err := e.Check(context.Background(), script)
			f := wantFault(t, err, fault.Invalid, tt.line, tt.column)
			if f.Field != "data.code" {
				t.Errorf("field %q", f.Field)
			}
			_, err = scriptCall{code: tt.code, entry: tt.entry, language: tt.language}.run(t, e)
			wantFault(t, err, fault.Invalid, tt.line, tt.column)
		})
	}
}

func TestCheckAccepts(t *testing.T) {
	e := testEngine()
	for _, script := range []node.Script{
		{Code: "return await f()"}, {Code: "function main() {}", Entry: "main"}, {Code: "let a: string", Language: node.TypeScript},
		{Code: strings.Repeat("1+", 4000) + "1"},
	} {
		if _, err := e.Check(context.Background(), script); err != nil {
			t.Errorf("%.40s: %v", script.Code, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	e := New(Config{MaxSourceBytes: 100_000})
	for name, script := range map[string]node.Script{
		"too large":        {Code: strings.Repeat(" ", 100_001)},
		"too many braces":  {Code: strings.Repeat("{", 501) + strings.Repeat("}", 501)},
		"too deep":         {Code: strings.Repeat("!", 20_000) + "1"},
		"unknown language": {Code: "1", Language: "py"},
	} {
		if _, err := e.Check(context.Background(), script); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestThrowPositions(t *testing.T) {
	tests := []struct {
		name, code, entry string
		language          node.Language
		line, column      int
		message           string
	}{
		{"body, first line", "nothing()", "", "", 1, 8, "ReferenceError: nothing is not defined"},
		{"body", "let a = 1\n  a.b.c", "", "", 2, 7, "TypeError: Cannot read property 'c' of undefined"},
		{"async body", "await null\n  throw new Error('mine')", "", "", 2, 9, "Error: mine"},
		{"async body, first line", "await null; null.x", "", "", 1, 18, "TypeError: Cannot read property 'x' of undefined"},
		{"program", "function main() {\n  f()\n}\nfunction f() {\n  throw new TypeError('bad')\n}", "main", "", 5, 9, "TypeError: bad"},
		{"through native code", "[1].map(function () {\n  nothing() })", "", "", 2, 10, "ReferenceError: nothing is not defined"},
		{"thrown text", "throw 'x'", "", "", 1, 1, "uncaught x"},
		{"thrown object", "throw {code: 1}", "", "", 1, 1, "uncaught { code: 1 }"},
		{"thrown undefined", "throw undefined", "", "", 1, 1, "uncaught undefined"},
		{"rejected", "return Promise.reject(new Error('no'))", "", "", 1, 23, "Error: no"},
		{"timer", "setTimeout(function () { \n nothing() })", "", "", 2, 9, "ReferenceError: nothing is not defined"},
		{"microtask", "queueMicrotask(function () { \n nothing() })", "", "", 2, 9, "ReferenceError: nothing is not defined"},
		{"typescript", "interface A { x: number }\nlet a: A | null = null\n  a!.x", "", node.TypeScript, 3, 6, "TypeError: Cannot read property 'x' of undefined"},
		{"typescript, first line", "let s: string = 'ñ'; nothing(s)", "", node.TypeScript, 1, 22, "ReferenceError: nothing is not defined"},
		{"typescript program", "export function main(): void {\n  const x: number = 1\n  nothing(x)\n}", "main", node.TypeScript, 3, 3, "ReferenceError: nothing is not defined"},
		{"transpiled", "async function* g() {\n  nothing()\n}\nfor await (const x of g()) {}", "", "", 2, 3, "ReferenceError: nothing is not defined"},
		{"after characters outside ASCII", "let a = 'ñññ'; nothing()", "", "", 1, 23, "ReferenceError: nothing is not defined"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := scriptCall{code: tt.code, entry: tt.entry, language: tt.language, field: "data.script", name: "module demo"}
			_, err := c.run(t, testEngine())
			f := wantFault(t, err, fault.ScriptFailed, tt.line, tt.column)
			if !strings.HasPrefix(f.Message, tt.message) || f.Field != "data.script" {
				t.Errorf("got %q at %q", f.Message, f.Field)
			}
		})
	}
}

func TestCallStack(t *testing.T) {
	code := "function inner() {\n  throw new Error('x')\n}\nfunction main() {\n  inner()\n}"
	_, err := scriptCall{code: code, entry: "main", name: "module demo"}.run(t, testEngine())
	cause := errors.Unwrap(fault.As(err))
	want := "call stack:\nat inner (module demo:2:9)\nat main (module demo:5:8)"
	if cause == nil || cause.Error() != want {
		t.Errorf("got %v", cause)
	}
}

func TestHostileThrow(t *testing.T) {
	tests := []struct {
		name, code string
		code2      fault.Code
		message    string
	}{
		{"toString throws", `throw {toString() { throw 1 }}`, fault.ScriptFailed, "uncaught { toString: [Function: toString] }"},
		{"message getter throws", `let e = new Error(); Object.defineProperty(e, "message", {get() { throw 1 }}); throw e`, fault.ScriptFailed, "whose description throws"},
		{"toString loops", `let e = new Error(); e.toString = () => { for (;;); }; throw e`, fault.LimitExceeded, "ran longer"},
		{"long message", `throw new Error("x".repeat(1e6))`, fault.ScriptFailed, "xxx..."},
		{"revoked proxy", `let p = Proxy.revocable({}, {}); p.revoke(); throw p.proxy`, fault.ScriptFailed, "description throws"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := scriptCall{code: tt.code, limits: policy.Limits{ScriptTime: 400 * time.Millisecond}}.run(t, testEngine())
			f := fault.As(err)
			if f == nil || f.Code != tt.code2 || !strings.Contains(f.Message, tt.message) || len(f.Message) > maxMessage+10 {
				t.Errorf("got %v", f)
			}
		})
	}
}
