package analysis

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dop251/goja/parser"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func found(t testing.TB, code string) []policy.Finding {
	t.Helper()
	tree, err := parser.ParseFile(nil, "", code, 0, parser.WithDisableSourceMaps)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	provided := map[string]bool{"payload": true, "next": true, "profile": true}
	return Analyze(tree, Options{Provided: func(name string) bool { return provided[name] }})
}

// short is every finding as "rule:severity line:column".
func short(all []policy.Finding) string {
	var out []string
	for _, f := range all {
		out = append(out, fmt.Sprintf("%s:%s %d:%d", f.Rule, f.Severity, f.Line, f.Column))
	}
	return strings.Join(out, ", ")
}

type row struct{ code, want string }

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.code, func(t *testing.T) {
			if got := short(found(t, r.code)); got != r.want {
				t.Errorf("got %q, want %q", got, r.want)
			}
		})
	}
}

func TestEval(t *testing.T) {
	check(t, []row{
		{`eval("1")`, "no-eval:high 1:1"},
		{`x = payload; globalThis["ev" + "al"]("1")`, "global-write:low 1:1, no-eval:high 1:14"},
		{`window.eval("1")`, "no-eval:high 1:1"},
		{`(0, eval)("1")`, "no-eval:high 1:2"},
		{`const e = eval;
e("1")`, "no-eval:high 1:11, no-eval:high 2:1"},
		{`let e; e = globalThis.eval; e("1")`, "no-eval:high 1:12, no-eval:high 1:29"},
		{`const {eval: e} = globalThis; e("1")`, "no-eval:high 1:31"},
		{`eval?.("1")`, "no-eval:high 1:1"},
		{`new Function("a", "return a")`, "no-eval:high 1:1"},
		{`Function("return this")()`, "no-eval:high 1:1"},
		{`[].constructor.constructor("return 1")()`, "no-eval:high 1:1"},
		{`(function(){}).constructor("return 1")`, "no-eval:high 1:2"},
		{`(async () => {}).constructor("return 1")`, "no-eval:high 1:2"},
		{`(class {}).constructor("return 1")`, "no-eval:high 1:2"},
		{`payload.x.constructor.constructor("return 1")`, "no-eval:high 1:1"},
		{`[]["filter"]["const" + "ructor"]("return 1")()`, "no-eval:high 1:1"},
		{`Math.max.constructor("x")`, "no-eval:high 1:1"},
		{`Object.getPrototypeOf(function*(){}).constructor("x")`, "no-eval:high 1:1"},
		{`Reflect.construct(Function, ["return 1"])`, "no-eval:high 1:1"},
		{`Reflect.get(globalThis, "eval")("1")`, "no-eval:high 1:1"},
		{`Reflect.apply(eval, null, ["1"])`, "no-eval:high 1:1"},
		{`eval.call(null, "1")`, "no-eval:high 1:1"},
		{`Function.prototype.constructor("x")`, "no-eval:high 1:1"},
		{`const F = Function.bind(null); F("x")`, "no-eval:high 1:32"},
		{`(function(){ return this })().eval("1")`, "no-eval:high 1:2"},
		{`(() => eval)()("1")`, "no-eval:high 1:2, no-eval:high 1:8"},
		{`this["eva" + String.fromCharCode(108)]("1")`, "no-eval:high 1:1"},
		{`globalThis[atob("ZXZhbA==")]("1")`, "no-eval:high 1:1"},
		{`globalThis[["l","a","v","e"].reverse().join("")]("1")`, "no-eval:high 1:1"},
		{"globalThis[`ev${'al'}`]('1')", "no-eval:high 1:1"},
		{`class F extends Function {}`, "no-eval:high 1:1"},
		{`const {constructor: C} = function () {}; C("x"); new (Object.getPrototypeOf(async function () {}).constructor)("x")`, "no-eval:high 1:42, no-eval:high 1:50"},
		{`globalThis?.["eval"]("1")`, "no-eval:high 1:1"},
		{`Function.prototype.constructor.call(null, "x")`, "no-eval:high 1:1"},
		{`[eval].map(f => f("1"))`, "no-eval:high 1:2"},
		{`run(Function)`, "no-eval:medium 1:5"},
		{`setTimeout("x()", 1); setInterval("x" + "()", 1)`, "no-eval:high 1:1, no-eval:high 1:23"},

		{`function eval2() {} eval2(); math.eval("1"); this.x?.eval("1")`, ""},
		{`(function (eval) { return eval("1") })`, ""},
		{`typeof eval; f instanceof Function; x.constructor === Function; Function.prototype.toString.call(f)`, ""},
		{`class Calc { eval(x) { return x } run() { return this.eval("1") + new this.constructor("x").y } }`, ""},
		{`const has = Function.call.bind(Object.prototype.hasOwnProperty); has(x, "y"); Function.prototype.apply.call(f, 1)`, ""},
		{`new payload.constructor("x"); payload.constructor.name; x.constructor("y")`, ""},
		{`setTimeout(() => {}, 1); setTimeout(f, "10")`, ""},
		{`function f(p) { p("eval") } f("eval"); payload["eval"]; ({eval: 1}).eval`, ""},
	})
}

func TestModules(t *testing.T) {
	check(t, []row{
		{`require("fs")`, "no-system-module:high 1:1"},
		{`const cp = require("node:child_process"); cp.exec("ls")`, "no-system-module:high 1:12, no-process:high 1:43"},
		{`require("child_" + "process").spawnSync("ls")`, "no-process:high 1:1, no-system-module:high 1:1"},
		{`const {exec} = require("child_process"); exec("ls")`, "no-system-module:high 1:16, no-process:high 1:42"},
		{`const r = require; const name = "fs/promises"; r(name)`, "no-system-module:high 1:48"},
		{`globalThis.require("vm"); module.require("os")`, "no-system-module:high 1:1, no-system-module:high 1:27"},
		{`process.mainModule.require("fs")`, "no-process:high 1:1, no-system-module:high 1:1"},
		{`process.binding("fs")`, "no-process:high 1:1"},
		{`globalThis.process["ex" + "it"](1)`, "no-process:high 1:1"},
		{`process.env.HOME`, "no-process:low 1:1"},
		{`process.nextTick(f)`, "no-process:low 1:1"},
		{`require("tax"); require("util"); require("buffer"); require(payload.name); typeof process`, ""},
		{`(function (require, process) { require("fs"); process.exit() })`, ""},
		{`exec("/bin/ls"); payload.process.exit()`, ""},
	})
}

func TestLoops(t *testing.T) {
	const endless, stuck = "endless-loop:high 1:1", "endless-loop:medium "
	check(t, []row{
		{`while (true) {}`, endless},
		{`for (;;) {}`, endless},
		{`for (;;) payload.n++`, endless},
		{`do {} while (1)`, endless},
		{`while (1 === 1) {}`, endless},
		{`while (!false) {}`, endless},
		{`while ("x") {}`, endless},
		{`while ([]) {}`, endless},
		{`while (2 > 1 && "a" + "b") { f() }`, endless},
		{`while (true) { while (x) { break } }`, endless},
		{`while (true) { switch (x) { case 1: break } }`, endless},
		{`while (true) { [1].forEach(() => { return 1 }) }`, endless},
		{`while (true) { continue }`, endless},
		{`while (true) { if (false) break; else f() }`, endless},
		{`x: while (1) { continue x }`, "endless-loop:high 1:4"},
		{`while (true) { try { f() } catch (e) {} }`, endless},
		{`let i = 0; while (i < 10) {}`, "endless-loop:high 1:12"},
		{`const on = true; while (on) { f() }`, "endless-loop:high 1:18"},
		{`let done = false; while (!done) {}`, "endless-loop:high 1:19"},
		{`for (let i = 0; i < 10;) {}`, endless},
		{`outer: while (true) { inner: while (true) { break inner } }`, "endless-loop:high 1:8"},
		{`outer: while (true) { while (true) { continue outer } }`, "endless-loop:high 1:8"},
		{`try { for (;;) { f() } } catch (e) {}`, "endless-loop:medium 1:7"},
		{`function f(i) { while (i < 10) {} }`, stuck + "1:17"},
		{`let i = 0; if (payload.x) i = 5; while (i < 10) { payload.y = 1 }`, stuck + "1:34"},
		{`function f() { f() }`, stuck + "1:16"},
		{`function f(x) { return f(x + 1) }`, stuck + "1:24"},
		{`const f = (x) => f(x)`, stuck + "1:18"},
		{`const f = function () { g(); f() }`, stuck + "1:30"},

		{`while (true) { if (x) break }`, ""},
		{`for (;;) { if (x) return1(); else throw 1 }`, ""},
		{`function f() { for (;;) { if (x()) return } }`, ""},
		{`function* f() { while (true) yield 1 }`, ""},
		{`async function f() { while (true) { await g() } }`, ""},
		{`outer: for (;;) { for (;;) { break outer } }`, ""},
		{`outer: for (const x of y) { for (;;) { continue outer } }`, ""},
		{`while (false) {}`, ""},
		{`do {} while (false)`, ""},
		{`while (payload.next()) {}`, ""},
		{`let i = 0; while (i < 10) i++`, ""},
		{`let i = 0; while (i < 10) { f() } function f() { i++ }`, ""},
		{`let i = 0; for (; i < 10; i += 1) {}`, ""},
		{`let x; while ((x = f())) {}`, ""},
		{`let q = []; while (!q.length) { q.push(1) }`, ""},
		{`var n = payload.n; while (n) { var n = f() }`, ""},
		{`let [a, b] = [1, 2]; while (a < b) { [a, b] = [b, a] }`, ""},
		{`for (let i = 0, n = 3; i < n; i++) {}`, ""},
		{`let m; const re = /a/g; while ((m = re.exec(s)) !== null) {}`, ""},
		{`function f(n) { return n ? f(n - 1) : 0 }`, ""},
		{`function f(n) { if (!n) return 0; return f(n - 1) }`, ""},
		{`function f(n) { n && f(n - 1) }`, ""},
		{`async function f() { await g(); f() }`, ""},
		{`function f(f) { f() }`, ""},
		{`function f() { setTimeout(() => f(), 1) }`, ""},
		{`function f(list) { for (const x of list) f(x) }`, ""},
		{`var f = function () { f() }; f = g`, ""},
	})
}

func TestWrites(t *testing.T) {
	check(t, []row{
		{`Array = 1`, "global-write:medium 1:1"},
		{`undefined = 1`, "global-write:medium 1:1"},
		{`globalThis.x = 1`, "global-write:medium 1:1"},
		{`this.x = 1`, "global-write:low 1:1"},
		{`JSON.parse = f`, "global-write:medium 1:1"},
		{`[Array, payload] = [1, 2]`, "global-write:medium 1:2"},
		{`count = 1`, "global-write:low 1:1"},
		{`delete globalThis.Array`, "global-write:medium 1:8"},
		{`Array.prototype.x = 1`, "prototype-write:medium 1:1"},
		{`Object.prototype.x = 1`, "prototype-write:high 1:1"},
		{`({}).__proto__.x = 1`, "prototype-write:high 1:2"},
		{`({}).constructor.prototype.x = 1`, "prototype-write:high 1:2"},
		{`payload.__proto__.x = 1`, "prototype-write:medium 1:1"},
		{`payload.__proto__ = {}`, "prototype-write:low 1:1"},
		{`Array.prototype.__proto__ = {}`, "prototype-write:medium 1:1"},
		{`payload.constructor.prototype.x = 1`, "prototype-write:medium 1:1"},
		{`const p = Array.prototype; p.x = 1`, "prototype-write:medium 1:28"},
		{`Object.defineProperty(Object.prototype, "x", {})`, "prototype-write:high 1:1"},
		{`Object.setPrototypeOf(Array.prototype, {})`, "prototype-write:medium 1:1"},
		{`Object.assign(String.prototype, {})`, "prototype-write:medium 1:1"},
		{`delete Array.prototype.map`, "prototype-write:medium 1:8"},
		{`for (Array.prototype.x of y) {}`, "prototype-write:medium 1:6"},

		{`payload = {}; next = "x"; payload.x = 1; profile = f()`, ""},
		{`for (key in payload) payload[key] = 1`, ""},
		{`var a; a = 1; let b; b = 2; function f(c) { c = 3 }`, ""},
		{`function Foo() { this.x = 1 } Foo.prototype.y = function () {}; Foo.x = 1`, ""},
		{`class A { constructor() { this.x = 1; this.constructor.y = 2 } }`, ""},
		{`Object.assign({}, payload); Object.defineProperty(exports, "x", {})`, ""},
		{`var Array = []; Array.x = 1; exports.x = module.exports = {}`, ""},
		{`({__proto__: null}); Object.create(Array.prototype).x = 1`, ""},
		{`[].x = 1; "".y = 2; payload.prototype.x = 1`, ""},
	})
}

func TestSizes(t *testing.T) {
	check(t, []row{
		{`"x".repeat(1 << 30)`, "huge-size:high 1:1"},
		{`"xxxxxxxxxx".repeat(5e6)`, "huge-size:medium 1:1"},
		{`const n = 1e9; "x".padStart(n); "".padEnd(n, "y")`, "huge-size:high 1:16, huge-size:high 1:33"},
		{`new Array(1e9)`, "huge-size:high 1:1"},
		{`Array(1e8).fill(1)`, "huge-size:high 1:1"},
		{`new Array(1e8).join("x")`, "huge-size:high 1:1"},
		{`Array.from({length: 1e9})`, "huge-size:high 1:1"},
		{`Array.apply(null, {"length": 1e9})`, "huge-size:high 1:1"},
		{`Array.prototype.indexOf.call({length: 2 ** 32 - 1}, 99)`, "huge-size:high 1:1"},
		{`[].indexOf.call({length: 2 ** 32 - 1}, 99)`, "huge-size:high 1:1"},
		{`new ArrayBuffer(4e9); new Uint8Array(4e9); Buffer.alloc(1e9)`, "huge-size:high 1:1, huge-size:high 1:23, huge-size:high 1:44"},
		{`2n ** (10n ** 9n)`, "huge-size:high 1:1"},
		{`9n ** 9n ** 9n ** 9n`, "huge-size:high 1:7"},
		{`1n << 1000000000n`, "huge-size:high 1:1"},
		{`BigInt(2) ** BigInt(1e9)`, "huge-size:high 1:1"},
		{`payload.list.length = 4e9`, "huge-size:medium 1:1"},

		{`"x".repeat(80); new Array(1000).fill(0); Array.from({length: 10}); 2n ** 64n; 1n << 10n; new Array(1e9, 1)`, ""},
		{`box.repeat(1e9); ({length: 1e9}); f({length: 1e9}); new Date(1e12); Math.max(1e9)`, ""},
	})
}

func TestRegexps(t *testing.T) {
	check(t, []row{
		{`/(a+)+$/`, "regex-backtracking:medium 1:1"},
		{`/(a*)*b/`, "regex-backtracking:medium 1:1"},
		{`/(a|a)*$/`, "regex-backtracking:medium 1:1"},
		{`/(a|b|ab)*c/`, "regex-backtracking:medium 1:1"},
		{`/^(\w+\s?)*$/`, "regex-backtracking:medium 1:1"},
		{`/^(([a-z])+.)+[A-Z]([a-z])+$/`, "regex-backtracking:medium 1:1"},
		{`/(x+x+)+y/`, "regex-backtracking:medium 1:1"},
		{`/^(\d{1,3}){1,20}$/`, "regex-backtracking:medium 1:1"},
		{`/(?=(a+)+b)/`, "regex-backtracking:high 1:1"},
		{`/(?!x)(a+)+b/`, "regex-backtracking:high 1:1"},
		{`/(a|A)*b\1/i`, "regex-backtracking:high 1:1"},
		{`new RegExp("(a+" + ")+$")`, "regex-backtracking:medium 1:1"},
		{`RegExp("^(A|a)*$", "i")`, "regex-backtracking:medium 1:1"},
		{`/\s*\s*x/`, "regex-backtracking:low 1:1"},
		{`/.*.*=/`, "regex-backtracking:low 1:1"},
		{`/\d+\w*$/`, "regex-backtracking:low 1:1"},

		{`/(a+)+/`, ""},
		{`/^(a|ab)*$/`, ""},
		{`/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/`, ""},
		{`/^\d{1,3}(,\d{3})*(\.\d+)?$/`, ""},
		{`/^(?:[a-z0-9]+-)*[a-z0-9]+$/`, ""},
		{`/"(?:[^"\\]|\\.)*"/`, ""},
		{`/^\s+|\s+$/g`, ""},
		{`/^(https?:\/\/)?([\da-z.-]+)\.([a-z.]{2,6})([\/\w .-]*)*\/?/`, ""},
		{`/^(?=.*[A-Z])(?=.*\d).{8,}$/`, ""},
		{`/^(\d{4})-(\d{2})-(\d{2})(T(\d{2}):(\d{2}))?$/`, ""},
		{`/^(\d{20})*$/; /([ab]{2}){3}$/; /(a|b|c)+$/; /(\w+\b)*$/; /[]/; /[^]/; /a{,3}/`, ""},
		{`/(?<year>\d{4})\k<year>/; /\u{1F600}/u; /\p{L}+\p{L}+x/u`, ""},
		{`new RegExp(payload.pattern + "(a+)+$"); new RegExp("[")`, ""},
	})
}

func TestStyle(t *testing.T) {
	check(t, []row{
		{`debugger`, "no-debugger:low 1:1"},
		{`with (payload) { x }`, "no-with:low 1:1"},
	})
}

func TestMessagesSayHowToMend(t *testing.T) {
	for _, f := range found(t, `eval("1"); require("fs"); process.env.X; for (;;) {} Array = 1; Array.prototype.x = 1; /(a+)+$/; "x".repeat(1e9); debugger`) {
		if !strings.ContainsAny(f.Message, ";") || len(f.Message) < 35 {
			t.Errorf("%s: %q", f.Rule, f.Message)
		}
	}
}

func TestFindingsAreBounded(t *testing.T) {
	all := found(t, strings.Repeat("eval('1')\n", 5000))
	if len(all) != maxFindings || all[0].Line != 1 || all[99].Line != 100 {
		t.Errorf("%d findings, the last in line %d", len(all), all[len(all)-1].Line)
	}
}

func TestSmallFindingsHideNoGraveOne(t *testing.T) {
	all := found(t, strings.Repeat("x = 1\n", 1000)+strings.Repeat("Array = 1\n", 1000)+"eval('1')")
	if len(all) != maxFindings || all[99].Rule != "no-eval" || all[98].Severity != policy.Medium {
		t.Errorf("%d findings, the last %+v", len(all), all[len(all)-1])
	}
}

// What is long or deep is looked at in about linear time.
func TestLongSources(t *testing.T) {
	for name, code := range map[string]string{
		"sum":           "x = '" + strings.Repeat("a' + '", 9000) + "'",
		"members":       "x" + strings.Repeat(".constructor", 9000),
		"aliases":       "const a0 = eval;" + chain(5000) + "a5000('1')",
		"cycle":         "var a = b, b = a; a(b)",
		"nested loops":  "let x; x = 1;" + strings.Repeat("while(x)", 9000) + ";",
		"many writes":   "let i;" + strings.Repeat("i = 1; while (i < 2) { i++ }", 5000),
		"calls":         strings.Repeat("f(", 400) + strings.Repeat(")", 400),
		"closures":      strings.Repeat("(function(){", 400) + strings.Repeat("})()", 400),
		"long pattern":  "/" + strings.Repeat("(a|b?c+)", 250) + "$/",
		"nested groups": "/" + strings.Repeat("(", 90) + "a+" + strings.Repeat(")+", 90) + "$/",
		"counts":        "/((a{1,8}){1,8}){1,8}$/",
		"regexps":       strings.Repeat("/^(a?b?c?d?e?f?g?h?){1,8}$/;", 500),
	} {
		t.Run(name, func(t *testing.T) { found(t, code) })
	}
}

func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "const a%d = a%d;", i+1, i)
	}
	return b.String()
}

func FuzzAnalyze(f *testing.F) {
	for _, seed := range []string{
		`const {a: {b}, ...c} = this; for (const [x = 1] of y) { class A extends (0, Function) { static { eval?.(x) } #p = 1; [k]() {} } }`,
		"outer: for (;;) { switch (x) { case 1: continue outer; default: break } } `${`a${1n ** 2n}`}`",
		`[a, {b = c}, ...d] = e; x ??= y?.[z]; ({get a() {}, async *[b]() { yield* c }}); new RegExp("(?<=a+)+(?:b|[^\\d-\\w]){2,}", "i")`,
		`"a".slice(-1).split("")[0].repeat(1e9); function f() { return f?.() } label: { break label }`,
		`new Array(1e9).length = 4e9; try { for (x in y); } catch { debugger } finally { with (a) delete b.c }`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code string) {
		if tree, err := parser.ParseFile(nil, "", code, 0, parser.WithDisableSourceMaps); err == nil {
			Analyze(tree, Options{})
		}
	})
}
