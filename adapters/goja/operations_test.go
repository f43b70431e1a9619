package goja

import (
	"fmt"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestOperations(t *testing.T) {
	tests := []struct {
		name, code string
		line       int
	}{
		{"for", "\nfor (;;) ;", 2},
		{"for with a body", "let i = 0\nfor (; i >= 0; i++) { i += 1 }", 2},
		{"while", "let i = 0\nwhile (true) i++", 2},
		{"while with a test", "let i = 0\nwhile (i >= 0) i++", 2},
		{"do", "let i = 0\ndo { i++ } while (i)", 2},
		{"do with continue", "let i = 0\ndo { if (i++) continue } while (i)", 2},
		{"for in", "const o = {}; for (let i = 0; i < 20; i++) o[i] = 1\nfor (;;) for (const k in o) ;", 2},
		{"for of", "const it = {[Symbol.iterator]: () => ({next: Math.abs.bind(null, 0) && Object.bind(null, {value: 1})})}\nfor (const x of it) ;", 2},
		{"large body", "let i = 0\nfor (;;) { i++; if (i > 5) { i -= 2 } else { i += 1 } [i, i, i].length; ({i, i2: i, i3: i}).i; Math.max(i, i, i) }", 2},
		{"labels", "outer: for (;;) {\nfor (;;) { continue outer } }", 0},
		{"recursion", "let n = 0; function f() { n++ ? 0 : 0 }\nfor (;;) f()", 0},
		{"native loop calling back", "const big = {length: 2 ** 40}\nArray.prototype.forEach.call(new Proxy(big, {has: () => true, get: (o, k) => o[k]}), () => {})", 2},
		{"sort", "const a = Array.from({length: 2000}, Math.random)\na.sort((x, y) => x - y)", 2},
		{"getter", "const o = {get x() { return 1 }}\nconst a = []; a.length = 1e6; a.fill(o).map(function (v) { return v.x })", 0},
		{"fields", "let d = 0; class A {\nx = d++ < 30 ? new A : 0; y = d < 30 ? new A : 0; z = d-- }\nnew A", 2},
		{"static block", "let n = 0\nfor (;;) { class A { static { n++ } } }", 2},
		{"generator", "function* g() { for (;;) yield 1 }\nfor (const x of g()) ;", 0},
		{"parameters that throw", "let n = 0\nawait new Promise(() => { const f = (a = (Promise.resolve().then(f), null.x)) => {}; f.n = 0; Promise.resolve().then(f) })", 2},
		{"generator parameters", "function* g(n, a = n && g(n - 1), {b} = n ? g(n - 1) : {}) {}\ng(60)", 1},
		{"async", "async function f() {\nawait null; return f() }\nawait f()", 0},
		{"arrow", "const f = n => n < 2 ? n : f(n - 1) + f(n - 2)\nf(60)", 1},
		{"method", "class A { m(n) { return n && this.m(n - 1) + this.m(n - 1) } }\nnew A().m(60)", 1},
		{"constructor", "class B {} class A extends B { constructor(n) { super(); if (n) { new A(n - 1); new A(n - 1) } } }\nnew A(60)", 1},
		{"try", "let i = 0\nfor (;;) { try { for (;;) { i++ } } catch (e) {} finally { continue } }", 2},
		{"finally", "try { for (;;) ; } finally { for (;;) ; }", 1},
		{"promise", "function f() { return Promise.resolve().then(f, f) } f().catch(f)\nawait f()", 1},
		{"forgotten promise jobs", "(function f() { Promise.resolve().then(f) })()", 1},
		{"async that catches", "async function f() { try { for (;;) ; } catch (e) {} }\nfor (;;) await f().catch(() => {})", 1},
		{"microtask", "function f() { queueMicrotask(f) }\nf()", 1},
		{"timers", "function f() { setTimeout(f) }\nf()", 1},
		{"immediates", "(function f() { setImmediate(f) })()", 1},
		{"iterator that returns", "for (const x of {[Symbol.iterator]() { return {next() { return {value: 1} }, return() { for (;;) ; }} }}) { for (;;) ; }", 1},
		{"toJSON of the result", "return {toJSON() {\nfor (;;) ; }}", 2},
		{"toString of what is thrown", "throw {toString() { for (;;) ; }, get x() {\nfor (;;) ; }}", 2},
		{"inside with", "with ({}) {\nfor (;;) ; }", 2},
		{"with that answers to all names", "with (new Proxy({}, {has: () => true, get: () => ({})})) {\nfor (;;) ; }", 2},
		{"function inside such a with", "with (new Proxy({}, {has: (o, k) => k !== 'f', get: () => ({})})) { var f = function () {\nfor (;;) ; } }\nf()", 0},
		{"rule", "rule_add_fx('f', () => { for (;;) ; })\nrule_run({}, {}, 'x = f()')", 1},
		{"eval in reach", "function f() { try { eval('1') } catch (e) {}\nfor (;;) ; }\nf()", 2},
		{"module", "require('slow')", 2},
		{"function of a module", "require('lib').f()", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{modules: scripts(map[string]string{"slow": "\nfor (;;) ;", "lib": "exports.f = () => { for (;;) ; }"})}
			_, err := scriptCall{code: tt.code, host: host, limits: policy.Limits{Operations: 5000}}.run(t, testEngine())
			f := fault.As(err)
			if f == nil || f.Code != fault.LimitExceeded || f.Limit != "vm_pool.max_operations" {
				t.Fatalf("got %v", err)
			}
			if f.Line == 0 || tt.line != 0 && f.Line != tt.line {
				t.Errorf("line %d, want %d", f.Line, tt.line)
			}
		})
	}
}

// TestOperationsTranspiled checks the place in TypeScript, and that what stands
// around a transpiled body is not counted.
func TestOperationsTranspiled(t *testing.T) {
	code := "interface A { n: number }\n\nconst a: A = {n: 1}\n  while (a.n > 0) { a.n++ }"
	_, err := scriptCall{code: code, language: node.TypeScript, limits: policy.Limits{Operations: 100}}.run(t, testEngine())
	wantFault(t, err, fault.LimitExceeded, 4, 3)
	got := outcome(scriptCall{code: "const n: number = 1; return n", language: node.TypeScript, limits: policy.Limits{Operations: 1}}.run(t, testEngine()))
	if got != "1" {
		t.Errorf("got %s", got)
	}
}

// countOf is how many operations a script makes, but at least 1.
func countOf(t *testing.T, e *Engine, c scriptCall) int {
	t.Helper()
	low, high := 1, 1<<20
	for low < high { // the least limit the script ends with
		c.limits.Operations = (low + high) / 2
		if _, err := c.run(t, e); err != nil {
			if fault.As(err).Limit != limitOperations {
				t.Fatal(err)
			}
			low = (low+high)/2 + 1
		} else {
			high = (low + high) / 2
		}
	}
	return low
}

func TestOperationsCount(t *testing.T) {
	for _, tt := range []struct {
		code string
		want int
	}{
		{"return 1", 0},
		{"for (let i = 0; i < 100; i++) ;", 100},
		{"for (let i = 0; i < 101; i++) {}", 101},
		{"let i = 0; while (i < 57) i++", 57},
		{"let i = 0; do i++; while (i < 57)", 57},
		{"let i = 0; do i++; while (i < 1)", 1},
		{"for (const x of [1, 2, 3]) ;", 3},
		{"for (const x in {a: 1, b: 2}) ;", 2},
		{"for (let i = 0; i < 10; i++) for (let k = 0; k < 10; k++) ;", 110},
		{"for (let i = 0; i < 10; i++) { if (i % 2) continue }", 10},
		{"function f() {} f(); f(); new f()", 3},
		{"[1, 2, 3].map(x => x)", 3},
		{"function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } fib(10)", 177},
		{"class A { x = Math.abs(1); static { Math.abs(1) } constructor() {} } new A; new A", 5},
		{"const f = async () => { await null; await null }; await f()", 1},
	} {
		if got := countOf(t, testEngine(), scriptCall{code: tt.code}); got != max(tt.want, 1) {
			t.Errorf("%s: %d operations, want %d", tt.code, got, tt.want)
		}
	}
}

// TestOperationsAreDeterministic stops one script again and again and looks at
// how far it came.
func TestOperationsAreDeterministic(t *testing.T) {
	code := `let n = 0, s = ""
function f(x) { n++; return x > 0 ? f(x - 1) : x }
for (let i = 0; ; i++) {
  for (let k = 0; k < i % 7; k++) n += k
  f(i % 5);
  [3, 1, 2].sort((a, b) => { n++; return a - b })
  if (i % 10 === 0) console.log(n)
}`
	want := ""
	for i := range 100 {
		host := &fakeHost{}
		e := New(Config{Marks: i%2 == 0})
		_, err := scriptCall{code: code, host: host, limits: policy.Limits{Operations: 7777}}.run(t, e)
		f := fault.As(err)
		if f == nil || f.Limit != limitOperations {
			t.Fatal(err)
		}
		got := fmt.Sprint(f.Line, f.Column, strings.Join(host.lines, ","))
		if i == 0 {
			want = got
		}
		if got != want {
			t.Fatalf("run %d stopped at %s, the first at %s", i, got, want)
		}
	}
}

// TestMeterIsInvisible looks for the meter from inside.
func TestMeterIsInvisible(t *testing.T) {
	looking := `
const odd = []
for (const o of [globalThis, Object.prototype, Function.prototype, Array.prototype]) {
  for (const k of Reflect.ownKeys(o)) if (typeof k === "string" && k.charCodeAt(0) < 32) odd.push(k)
  for (const k in o) odd.push(k)
}
function f(a, b) { "use strict"; return [arguments.length, f.length, this === undefined] }
odd.push(...f(1), (function () { return arguments.length })(), f.toString().length, (() => { for (;;) break }).toString())
odd.push(typeof globalThis["\x01"], typeof globalThis["\x02"], "\x01" in globalThis)`
	for _, c := range []scriptCall{
		{code: looking + "\nreturn odd"},
		{code: looking + "\nfunction main() { payload.odd = [].concat(odd.filter(k => k !== 'looking')) }", entry: "main", payload: `{}`},
	} {
		plain := c
		plain.limits.Operations = -1
		got, other := outcome(c.run(t, testEngine())), outcome(plain.run(t, New(Config{})))
		if got != other {
			t.Errorf("counted %s\nplain %s", got, other)
		}
		if c.entry == "" && !strings.HasPrefix(got, "[1,2,true,0,") {
			t.Errorf("got %s", got)
		}
	}
}

// TestCountsAreTheSameWithMarks compares how many operations scripts need inside
// the server and in a child process, whose programs hold marks besides.
func TestCountsAreTheSameWithMarks(t *testing.T) {
	for _, code := range []string{
		"let s = ''; for (let i = 0; i < 100; i++) { for (let j = 0; j < 8; j++) { s = s.concat('a').slice(1).trim(); if (j == 6) break } } return s",
		"let n = 0; for (let j = 0; j < 100; j++) { n += Math.abs(j) + [1].indexOf(1) + [2].indexOf(2); if (n < 0) break } return n",
		"let n = 0; do { n += [n].concat(1).length } while (n < 100); return n",
		"const f = (a, b = [a].join()) => b; let n = 0; while (n < 50) { f(n); n++ } return n",
	} {
		var needed []int
		for _, marks := range []bool{false, true} {
			e := New(Config{Marks: marks})
			low, high := 1, 1<<16
			for low < high {
				limit := (low + high) / 2
				call := ports.ScriptCall{Script: node.Script{Code: code}, Host: &fakeHost{}, Limits: policy.Limits{Operations: limit}}
				if marks {
					call.At = func(string, int, int) {}
				}
				if _, err := e.Run(t.Context(), call); err == nil {
					high = limit
				} else {
					low = limit + 1
				}
			}
			needed = append(needed, low)
		}
		if needed[0] != needed[1] || needed[0] >= 1<<16 {
			t.Errorf("%v operations:\n%s", needed, code)
		}
	}
}
