package goja

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dop251/goja/parser"
)

func TestFreeNames(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"plain", `payload.a = b + c.d[e]`, "b c e payload"},
		{"declared", `var a = 1; let b = a; const c = b; function d() { return c } class E extends F {}`, "F"},
		{"hoisted", `use(); function use() { x = 1 } if (q) { var x }`, "q"},
		{"block scope", `{ let a = 1 } a`, "a"},
		{"var in block", `{ var a = 1 } a`, ""},
		{"function parameters", `(function f(a, {b, c: [d], ...e}, g = h, ...i) { return f(a, b, d, e, g, i, c, arguments) })`, "c h"},
		{"arrow", `x => y => x + y + z`, "z"},
		{"arrow body", `(a) => { let b = a; return b + c }`, "c"},
		{"catch", `try { a() } catch ({message: m}) { m; e } finally { f }`, "a e f"},
		{"catch without parameter", `try {} catch { a }`, "a"},
		{"for let", `for (let i = a; i < b; i++) { c(i) } i`, "a b c i"},
		{"for in undeclared", `for (key in params) payload[key] = 1`, "key params payload"},
		{"for of const", `for (const [k, v] of list) { k + v }`, "list"},
		{"for var", `for (var k of list) {} k`, "list"},
		{"labels", `outer: for (;;) { break outer }`, ""},
		{"properties", `({a: b, c, [d]: e, f() { return g }, get h() { return i }})`, "b c d e g i"},
		{"destructuring assignment", `({a, b: [c]} = d)`, "a c d"},
		{"destructuring declaration", `const {a, b: {c = d}, ...e} = f; a + c + e + b`, "b d f"},
		{"template", "`${a} ${`${b}`}`; tag`${c}`", "a b c tag"},
		{"switch", `switch (a) { case b: let c = 1; default: c }`, "a b"},
		{"class", `class A { x = y; static z = w; #p = q; [k]() { return A + m } static { let s = t; s } has(o) { return #p in o } }`, "k m q t w y"},
		{"class name is inner", `(class A { m() { return A } }); A`, "A"},
		{"optional chain", `a?.b?.[c]?.(d)`, "a c d"},
		{"spread, new, await", `async () => { await a(...b, new C(d)) }`, "C a b d"},
		{"generator", `function* g() { yield a; yield* b }`, "a b"},
		{"new.target", `function f() { new.target }`, ""},
		{"shadowed payload", `function f(payload) { return payload.x }`, ""},
		{"shadowed and free", `function f(payload) { return payload } f(payload)`, "payload"},
		{"unary", `typeof a; delete b.c; i++`, "a b i"},
		{"with", `with (a) { b }`, "a b"},
		{"text is not a name", `"payload"; /payload/; ({payload: 1}).payload`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			prg, err := parser.ParseFile(nil, "", tt.code, 0, parser.WithDisableSourceMaps)
			if err != nil {
				t.Fatal(err)
			}
			n := namesOf(prg, nil)
			got := slices.Sorted(maps.Keys(n.free))
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), tt.want)
			}
		})
	}
}

func TestWholeGlobal(t *testing.T) {
	for code, want := range map[string]bool{
		`this.x`: true, `globalThis["a"]`: true, `function f() { return this }`: true, `a.this`: false, `({globalThis: 1})`: false,
	} {
		prg, err := parser.ParseFile(nil, "", code, 0, parser.WithDisableSourceMaps)
		if err != nil {
			t.Fatal(err)
		}
		if n := namesOf(prg, nil); n.whole != want {
			t.Errorf("%s: whole = %v", code, n.whole)
		}
	}
}

// FuzzNames looks for trees the walk cannot digest.
func FuzzNames(f *testing.F) {
	f.Add(`class A { static { x } } for (const {a = b} of c) { switch (a) { case 1: } }`)
	f.Fuzz(func(_ *testing.T, code string) {
		if prg, err := parser.ParseFile(nil, "", code, 0, parser.WithDisableSourceMaps); err == nil {
			namesOf(prg, nil)
		}
	})
}
