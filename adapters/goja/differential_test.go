package goja

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// writer writes random scripts that end: every loop has a count, every function
// burns fuel.
type writer struct {
	rnd   *rand.Rand
	depth int
	loops int
	label int
}

func (w *writer) pick(options ...string) string { return options[w.rnd.IntN(len(options))] }

func (w *writer) expr() string {
	if w.depth++; w.depth > 7 {
		w.depth--
		return w.pick("a", "b", "1", "'x'", "i", "this === undefined")
	}
	defer func() { w.depth-- }()
	switch w.rnd.IntN(22) {
	case 0:
		return "(" + w.expr() + w.pick(" + ", " - ", " * ", " < ", " && ", " ?? ", " ** ") + w.expr() + ")"
	case 1:
		return "(" + w.expr() + " ? " + w.expr() + " : " + w.expr() + ")"
	case 2:
		return "[" + w.expr() + ", " + w.expr() + "].join()"
	case 3:
		return "[..." + "[" + w.expr() + "]].map(x => " + w.expr() + ").length"
	case 4:
		return "String(" + w.expr() + ").slice(0, 9).repeat(2)"
	case 5:
		return "o?.m?." + w.pick("call(o, ", "(") + w.expr() + ")"
	case 6:
		return "o.m(" + w.expr() + ")"
	case 7:
		return "o[" + w.pick("'m'", "'none'", "\"get\"") + "]?.(" + w.expr() + ")"
	case 8:
		return "f(" + w.expr() + ")"
	case 9:
		return "new K(" + w.expr() + ").v"
	case 10:
		return "`<${" + w.expr() + "}>`"
	case 11:
		return "(a = " + w.expr() + ")"
	case 12:
		return "b" + w.pick("++", "--")
	case 13:
		return "typeof " + w.expr()
	case 14:
		return "((x, y = " + w.expr() + ") => { " + w.statement() + "; return y })(1)"
	case 15:
		return "(function () { return " + w.pick("arguments.length", "this?.v", "new.target === undefined", w.expr()) + " }).call({v: 2}, 1)"
	case 16:
		return "[...g(" + w.pick("1", "2", "3") + ")].length"
	case 17:
		return "JSON.stringify(" + w.expr() + ")"
	case 18:
		return "Object.keys({x: " + w.expr() + "}).concat(" + w.expr() + ").length"
	case 19:
		if w.rnd.IntN(3) > 0 {
			return w.pick("o", "s", "i")
		}
		return w.pick("missing", "o.none.x", "missing.x()", "a.b.c()", "o.none()", "new o.none()")
	case 20:
		return "'aXbX'.replace(/X/g, () => " + w.expr() + ")"
	default:
		return w.pick("a", "b", "i", "2", "3.5", "'s'", "null", "undefined", "o.v", "f.length", "f.name", "K.name")
	}
}

func (w *writer) block(n int) string {
	var b strings.Builder
	b.WriteString("{\n")
	for range n {
		b.WriteString(w.statement() + "\n")
	}
	return b.String() + "}"
}

func (w *writer) body() string {
	if w.rnd.IntN(3) == 0 {
		return w.pick("a++;", ";", "b += i;", "s.push(i);", "{ let t = i; s.push(t) }", "if (i > 2) break;", "if (i == 1) continue;", "{ var q = i; let b = q }")
	}
	return w.block(1 + w.rnd.IntN(2))
}

func (w *writer) statement() string {
	if w.depth++; w.depth > 6 {
		w.depth--
		return w.expr() + ";"
	}
	defer func() { w.depth-- }()
	if w.loops > 2 {
		return w.expr() + ";"
	}
	n := w.pick("0", "1", "2", "3", "4", "5", "9")
	switch w.rnd.IntN(20) {
	case 0, 1:
		return w.loop("for (let i = 0; i < " + n + "; i++) ")
	case 2:
		return w.loop("for (var i = " + n + "; i--; ) ")
	case 3:
		return w.loop("for (let i = 0, e = " + n + "; i < e; i += 2) ")
	case 4:
		return "{ let i = " + n + "; " + w.loop("while (i-- > 0) ") + " }"
	case 5:
		w.loops++
		defer func() { w.loops-- }()
		return "{ let i = 0; do " + w.body() + " while (++i < " + n + ") }"
	case 6:
		return w.loop("for (const i of [1, 2, 3]) ")
	case 7:
		return w.loop("for (const i in {x: 1, y: 2}) ")
	case 8:
		w.label++
		l := fmt.Sprintf("L%d", w.label)
		w.loops++
		defer func() { w.loops-- }()
		return l + ": for (let i = 0; i < 3; i++) { for (let k = 0; k < 3; k++) { if (k == " + n + ") " + w.pick("continue ", "break ") + l + "; " + w.statement() + " } }"
	case 9:
		return "try " + w.block(1) + " catch (e) { s.push(e instanceof Error ? e.message : e) }" + w.pick("", " finally "+w.block(1))
	case 10:
		return "if (" + w.expr() + ") " + w.block(1) + " else " + w.block(1)
	case 11:
		return "switch (" + w.expr() + ") { case 1: " + w.expr() + "; break; default: " + w.expr() + " }"
	case 12:
		return "fs.push(() => " + w.expr() + ");"
	case 13:
		return w.loop("if (fs.length < 50) for (let i = 0; i < 3; i++) fs.push(() => i);\nfor (let i = 0; i < 2; i++) ")
	case 14:
		return "throw " + w.pick("new Error('t' + a)", "a", "{x: 1}") + ";"
	case 15:
		return "s.push(" + w.expr() + ");"
	case 16:
		return "console.log(" + w.expr() + ");"
	default:
		return w.expr() + ";"
	}
}

func (w *writer) loop(head string) string {
	w.loops++
	defer func() { w.loops-- }()
	return head + w.body()
}

func (w *writer) script() string {
	return `let a = 1, b = 2, i = 0, fuel = 300
const s = [], fs = []
function burn() { if (fuel-- <= 0) throw new Error("fuel") }
function f(x, y = a) { ` + w.pick(`"use strict";`, "") + ` burn()
` + w.statement() + `
return x }
function* g(n, m = n) { burn(); while (n-- > 0) yield n; ` + w.statement() + ` }
class K { x = f(1); #p = 2; static s = 3; static { a++ } constructor(v) { burn(); this.v = v } get p() { return this.#p } }
class D extends K { y = () => this; constructor() { super(2) } }
const o = {v: 5, m(x) { burn(); return x }, get get() { return () => 1 }, async n(x) { return x }}
try {
` + w.statement() + "\n" + w.statement() + "\n" + w.statement() + `
} ` + w.pick("finally { a = 9 }", "catch (e) { s.push(String(e)); console.log(e.stack) }") + `
` + w.pick("await o.n(1);", "try { new D().y() } catch (e) { s.push(e.message) }", "") + `
` + w.pick("{ "+w.statement()+"\n}", "try { "+w.statement()+"\n} catch (e) { s.push(String(e)) }", "try { "+w.block(4)+"\n} catch (e) { s.push(String(e)) }") + `
return [s, a, b, fs.slice(0, 20).map(h => { try { return h() } catch (e) { return e.message } })]`
}

// told is everything a run shows.
func told(r node.ScriptResult, err error, host *fakeHost) string {
	if f := fault.As(err); f != nil {
		return fmt.Sprintf("%s %d:%d %s\n%s\n%s", f.Code, f.Line, f.Column, f.Message, errorText(errors.Unwrap(f)), strings.Join(host.lines, "\n"))
	}
	return string(r.Payload.Bytes()) + "\n" + strings.Join(host.lines, "\n")
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// instructions are the numbers of instructions in the engine's call stacks,
// which depend on how it was compiled.
var instructions = regexp.MustCompile(`(:\d+:\d+)\(\d+\)`)

func compare(t *testing.T, code, entry string) string {
	t.Helper()
	var all [3]string
	for i, c := range []struct {
		operations int
		marks      bool
	}{{-1, false}, {1 << 40, false}, {1 << 40, true}} {
		host := &fakeHost{}
		call := scriptCall{code: code, entry: entry, payload: `{}`, host: host}
		call.limits.Operations, call.limits.ScriptTime, call.limits.CallDepth = c.operations, 20*time.Second, 400
		r, err := call.run(t, New(Config{Marks: c.marks, Functions: hostFunctions()}))
		all[i] = instructions.ReplaceAllString(told(r, err, host), "$1")
	}
	if all[0] != all[1] || all[0] != all[2] {
		t.Fatalf("differs:\n%s\n--- plain:\n%s\n--- counted:\n%s\n--- marked:\n%s", code, all[0], all[1], all[2])
	}
	return all[0]
}

// TestCountedIsThePlainScript runs random scripts plain, counted and marked.
func TestCountedIsThePlainScript(t *testing.T) {
	n := 150
	if testing.Short() {
		n = 50
	}
	ended := 0
	for seed := range uint64(n) {
		w := &writer{rnd: rand.New(rand.NewPCG(seed, 7))}
		if got := compare(t, w.script(), ""); strings.HasPrefix(got, "[") {
			ended++
		}
	}
	if ended < n/10 {
		t.Errorf("only %d of %d scripts came to their end", ended, n)
	}
}

// FuzzCounted is the same without end.
func FuzzCounted(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) {
		w := &writer{rnd: rand.New(rand.NewPCG(seed, 8))}
		compare(t, w.script(), "")
	})
}

// TestCountedKeepsMeaning is for what random scripts do not reach.
func TestCountedKeepsMeaning(t *testing.T) {
	for _, code := range []string{
		"const fs = []; for (let i = 0; i < 5; i++) fs.push(() => i); return fs.map(f => f())",
		"const fs = []; for (const x of [1, 2]) fs.push(() => x); for (const x in {a: 1}) fs.push(() => x); return fs.map(f => f())",
		"a: for (var i = 0; i < 9; i++) { b: for (;;) { if (i == 3) break a; continue a } } return i",
		"x: for (let i = 0; ; i++) { if (i == 7) break x }",
		"x: { for (;;) { break x } } return 1",
		"let n = 0; for (;;) { if (n++ > 10) return n }",
		"let n = 0; do ; while (n++ < 10); return n",
		"let n = 0; do { var z = n } while (n++ < 10 && z < 5); return [n, z]",
		"let n = 0; while (false) n++; for (; false; ) n++; do n++; while (false); return n",
		"for (let i = 0, n = 3; i < n; i++) { let i = 5; payload.x = i } return payload.x",
		"let r = []; for (let i = 0; i < 5; i++) { switch (i) { case 2: break; default: r.push(i) } } return r",
		"var r = []; for (var i = 0; i < 3; i++) { try { if (i == 1) throw i } catch (e) { r.push(e) } finally { r.push('f') } } return r",
		"function f() { 'use strict'; return this } return typeof f()",
		"'use strict'; return (function () { return this })() === undefined",
		"function f(a, b = 1, ...c) { for (;;) return [f.length, arguments.length] } return [f(1, 2, 3), f.toString()]",
		"class A { static m() { return super.toString === Object.prototype.toString } f = function () {}; g = () => 1; ['h' + 1] = [1].join() } const a = new A(); return [a.f.name, a.g.name, a.h1, A.toString(), A.m()]",
		"class A { constructor() { this.a = 1 } } class B extends A { b = [this.a].join(); constructor() { try { this.x } catch (e) { payload.e = e.message } super() } } new B(); return [payload.e, new B().b]",
		"class A { m() { return [].concat(this.n) } n = 3 } class B extends A { m() { return super.m().concat(super['m'](), super.constructor.name) } } return new B().m()",
		"const t = (s, ...v) => s.raw.concat(v); return [t`a${1}b`, (() => { const seen = new Set(); for (let i = 0; i < 9; i++) seen.add((x => x)`q`); return seen.size })()]",
		"const o = {f() { return this === o }, g: {h() { return this === o.g }}}; return [o.f(), o.g.h(), o['f'](), (o.f)(), o?.f(), o.g?.h?.(), o?.['f']?.()]",
		"const n = null; return [n?.repeat(1), n?.a.b.fill(), n?.[0].slice(), delete n?.a.toString()]",
		"function* g() { const x = yield 1; yield x; try { yield 2 } finally { yield 3 } } const i = g(); return [i.next(), i.next(7), i.next(), i.return(9), i.next()]",
		"async function f() { for (let i = 0; i < 5; i++) { await null; if (i == 3) return i } } return await f()",
		"const {a = [1].join(), ...r} = {b: [2].map(x => x)}; return [a, r]",
		"let f = function () {}, g = () => {}, h = class {}; return [f.name, g.name, h.name, ({p: () => {}}).p.name, ({p() {}}).p.name]",
		"with ({x: 1, m() { return this.x }}) { let s = 0; for (let i = 0; i < 5; i++) s += x; return [s, m()] }",
		"return [1n * 2n, 2n ** 10n, BigInt(5) << 3n].map(String)",
		"let x = 2n; x **= 3n; x *= 2n; return String(x)",
		"return [new Array(3).length, new Date(0).getTime(), new (class { v = 1 })().v, new Map([[1, 2]]).size, new Object]",
		"let n = 0; const it = {[Symbol.iterator]() { return {next() { return {value: n, done: n++ > 3} }, return() { payload.closed = n; return {} }} }}; for (const x of it) if (x == 2) break; return payload.closed",
		"if (true) { function f() { return 1 } } return f()",
		"return (function f(n) { return n ? f(n - 1) : typeof f })(3)",
		"var a = 1; { var a = 2; for (var a = 0; a < 5; a++) ; } return a",
		"let e; try { null.f() } catch (x) { e = x } return e.stack",
		"try { (void 0).x.y } catch (x) { return x.stack }",
		"for (let i = 0; i < 3; i++) {\n  if (i == 2)\n    null.x\n}",
		"let i = 0\nwhile (i < 5) { i++; if (i == 4) missing }",
		"for (let i = 0; i < 5; i++)\n  [3].forEach(x => { if (i == 3) throw new Error('at ' + i) })",
		"function f() {\n  undefinedFunction()\n}\nf()",
		"const a = {}\na.b.c.repeat(3)",
		"const a = {}\na.repeat(3)", "const a = {}\na.repeat()", "const a = {}\na['x'](1)", "new (class { constructor() { this.x.y() } })", "x.repeat(1)", "let t = 1; t(2)", "let t = 1; t()", "let t; t()", "nothing()", "null()", "(function () { return this })() === globalThis", "new x(1)", "new (void 0)",
		"const o = {get [Symbol.toStringTag]() { return 'T' }}; return String(o)",
		"function F(x) { if (!new.target) return new F(x); this.x = x } return [F(1).x, new F(2).x, Reflect.construct(F, [3], class {}).x]",
		"function f(a) { a = 5; return arguments[0] } return f(1)",
		"function f(a) { 'use strict'; a = 5; return arguments[0] } return f(1)",
		"return [...'ab', ...new Set([1, 1])].concat(Math.max(...[1, 2]), Math.max.apply(null, [...[3]]))",
		"let s = ''; for (let i = 0; i < 10; i++) { s += i; if (s.length > 5) { break } } return s",
		"let s = 0; for (const [k, v] of Object.entries({a: 1, b: 2})) s += v; for (let [x = 3] of [[]]) s += x; return s",
		"let x; for (x of [1, 2]) ; for (x.y in {}) ; return x",
		"return eval",
		"const p = new Proxy({}, {has: (t, k) => { (payload.k ??= []).push(String(k)); return false }}); with (p) { for (let i = 0; i < 1; i++) JSON } return payload.k.filter(k => k !== 'i' && k !== 'JSON')",
	} {
		compare(t, code, "")
		compare(t, "function main() {\n"+code+"\n}", "main")
	}
	for _, code := range []string{
		"'use strict'; function main() { payload.t = typeof this; undeclared = 1 }",
		"var n = 0; for (var i = 0; i < 5; i++) n += i; function main() { payload.n = [n, i, globalThis.n, Object.keys(globalThis)] }",
		"let n = 0; while (n < 5) n++; const main = () => { payload.n = n }",
		"for (let i = 0; i < 3; i++) { if (i == 2) missing }\nfunction main() {}",
		"class main {}", "var main = function () { return new Error().stack }", "async function main() { await null; null.x }",
		"function main() { var payload = 3 }", "var payload = payload || {}; function main() { payload.x = 1 }",
	} {
		compare(t, code, "main")
	}
}
