package goja

import (
	"regexp"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func TestFunctions(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"atob", `return [atob("aG9sYQ=="), atob("aG9sYQ"), atob(" aG 9s\nYQ=="), atob("w6k="), atob("!"), atob("/w==")]`, `["hola","hola","hola","é","","ÿ"]`},
		{"btoa", `return [btoa("hola"), btoa("é"), atob(btoa("ñandú")), btoa()]`, `["aG9sYQ==","w6k=","ñandú",""]`},
		{"sha512", `return calcular_sha512("abc").slice(0, 16)`, `"ddaf35a193617aba"`},                                            //nolint:misspell // The name is Spanish, as scripts write it.
		{"sha512/256", `return calcular_sha512_256("abc")`, `"53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"`}, //nolint:misspell // The name is Spanish, as scripts write it.
		{"sha512/224", `return calcular_sha512_224("abc")`, `"4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"`},         //nolint:misspell // The name is Spanish, as scripts write it.
		{"uuid differs", `return uuid() !== uuid()`, `true`},
		{"find_element", `const o = {a: {b: [{c: 5}]}, s: "x", "": 1}; return ["a.b.0.c", "a.b", "a.x.y", "a.b.9.c", "a.b.x", "s.length", "", "toString", "__proto__", "a.b.length"].map(p => find_element(p, o))`,
			`[5,[{"c":5}],null,null,null,null,1,null,null,null]`},
		{"find_element on nothing", `return [find_element("a", null), find_element("a"), find_element()]`, `[null,null,null]`},
		{"new_map", `const m = new_map(); m.a = 1; return m`, `{"a":1}`},
		{"url_values_to_map", `return url_values_to_map({a: ["1", 2], b: "x"})`, `{"a":["1","2"],"b":["x"]}`},
		{"clean_json", "return [clean_json(' ```json\\n{\"a\":1}\\n``` '), clean_json('```x```'), clean_json(' y ')]", `["{\"a\":1}","x","y"]`},
		{"clock", `return [time_now_unix(), time_now_unix_nano() > 1e18, time_now_year(), time_now_month(), time_now_day(), time_now_hour(), time_now_minute(), time_now_second(), time_now_weekday()]`,
			`[1709212455,true,2024,2,29,13,14,15,4]`},
		{"Date uses the clock", `return new Date().toISOString()`, `"2024-02-29T13:14:15.000Z"`},
		{"structuredClone", `const o = {a: [1, {b: new Date(5)}], m: new Map([["k", {v: 1}]]), s: new Set([1])}; o.self = o; const k = structuredClone(o); return [k !== o, k.self === k, k.a[1].b.getTime(), k.m.get("k").v, k.m.get("k") !== o.m.get("k"), k.s.has(1), k.a.length]`,
			`[true,true,5,1,true,true,2]`},
		{"structuredClone of a function", `try { structuredClone({f() {}}) } catch (e) { return e.name }`, `"TypeError"`},
		{"structuredClone of much nesting", `let a = []; for (let i = 0; i < 1000; i++) a = [a]; try { structuredClone(a) } catch (e) { return e.name }`, `"RangeError"`},
		{"timers", `const out = []; const id = setInterval(() => { out.push("i"); if (out.length > 2) clearInterval(id) }, 1); setTimeout((a, b) => out.push(a + b), 0, "x", "y"); setImmediate(a => out.push(a), "im"); queueMicrotask(() => out.push("m")); const no = setTimeout(() => out.push("no"), 0); clearTimeout(no); clearTimeout(99); out.push("s"); await new Promise(ok => setTimeout(ok, 20)); return [out.slice(0, 2).join(), out.includes("xy"), out.includes("im"), out.includes("no"), out.filter(x => x === "i").length > 0]`,
			`["s,m",true,true,false,true]`},
		{"timer order", `const out = []; setTimeout(() => out.push(2), 2); setTimeout(() => out.push(1), 1); setTimeout(() => out.push(0)); await new Promise(ok => setTimeout(ok, 5)); return out`, `[0,1,2]`},
		{"sleep", `const t = sleep(1); return typeof t`, `"undefined"`},
		{"setTimeout without a function", `try { setTimeout(1) } catch (e) { return e.message }`, `"setTimeout expects a function"`},
		{"JSON.parse", `return [JSON.parse('{"a":[1]}').a[0], JSON.parse(" 5 "), JSON.parse(null), JSON.parse('{"a":1,"b":2}', (k, v) => typeof v === "number" ? v * 2 : v).b, JSON.parse.name, Object.keys(JSON).length]`,
			`[1,5,null,4,"parse",0]`},
		{"JSON.parse refuses", `return ["", "{", undefined, "[".repeat(3e6), "[".repeat(600) + "]".repeat(600)].map(t => { try { return JSON.parse(t) } catch (e) { return e instanceof SyntaxError } })`,
			`[true,true,true,true,true]`},
		{"JSON.parse without its name", `try { this["JS" + "ON"].parse("[".repeat(3e6)) } catch (e) { return e.name }`, `"SyntaxError"`},
		{"JSON.parse of a symbol", `try { JSON.parse(Symbol()) } catch (e) { return e.name }`, `"TypeError"`},
		{"JSON.stringify", `return JSON.stringify({a: [1, undefined]}, null, 1)`, `"{\n \"a\": [\n  1,\n  null\n ]\n}"`},
		{"names of functions", `return [uuid.name, console.log.name, c.JSON.name, http_get.name, setTimeout.name]`, `["uuid","log","JSON","http_get","setTimeout"]`},
		{"no Go names in stacks", `try { atob({toString() { throw new Error("x") }}) } catch (e) { return e.stack.includes("github") }`, `false`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := body(t, tt.code, nil); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestUUIDForm(t *testing.T) {
	form := regexp.MustCompile(`^"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"$`)
	if got := body(t, `return uuid()`, nil); !form.MatchString(got) {
		t.Errorf("got %s", got)
	}
}

func TestConsole(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"texts", `console.log("a", "b c", 1, true, null, undefined)`, "info: a b c 1 true null undefined"},
		{"levels", `console.info(1); console.warn(2); console.error(3); console.debug(4)`, "info: 1|warn: 2|error: 3|debug: 4"},
		{"object", `console.log({a: 1, b: "x'y", c: [1, "z"], d: {e: {f: {g: 1}}}})`, `info: { a: 1, b: 'x\'y', c: [ 1, 'z' ], d: { e: { f: [Object] } } }`},
		{"kinds", `console.log([function f() {}, () => 1, class A {}, Symbol("s"), 1n, new Date(0), /x/g, new Map([[1, 2]]), new Set([1]), new Number(1), Promise.resolve(1)])`,
			`info: [ [Function: f], [Function: (anonymous)], [Function: A], Symbol(s), 1n, 1970-01-01T00:00:00.000Z, /x/g, Map(1), Set(1), [Number: 1], Promise { <fulfilled> } ]`},
		{"error", `console.log(new TypeError("bad"))`, "info: TypeError: bad"},
		{"circular", `const a = {}; a.a = a; console.log(a)`, "info: { a: [Circular] }"},
		{"getter that throws", `console.log({get a() { throw 1 }})`, "info: { a: [Thrower] }"},
		{"directives", `console.log("%s is %d years, %i, %f, %j %o %c%%", "Eva", "42", 1.9, 2.5, {a: 1}, [1], "css", "more")`, `info: Eva is 42 years, 1, 2.5, {"a":1} [ 1 ] % more`},
		{"percent alone", `console.log("100%", "%s")`, "info: 100% %s"},
		{"unknown directive", `console.log("%x %s", "a")`, "info: %x a"},
		{"nothing", `console.log()`, "info: "},
		{"empty ones", `console.log({}, [])`, "info: {} []"},
		{"many items", `console.log(Array(103).fill(0))`, "info: [ " + strings.Repeat("0, ", 100) + "... 3 more ]"},
		{"unhandled rejection", `Promise.reject(new Error("lost")); return 1`, "warn: a promise was rejected and nobody handled it: Error: lost"},
		{"handled later", `const p = Promise.reject(1); setTimeout(() => p.catch(() => {}), 1)`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{}
			if got := body(t, tt.code, host); strings.HasPrefix(got, "error") {
				t.Fatal(got)
			}
			if got := strings.Join(host.lines, "|"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	host := &fakeHost{}
	body(t, `console.log("x".repeat(1e6))`, host)
	if len(host.lines) != 1 || len(host.lines[0]) > maxLogLine+20 {
		t.Error("a long line is not cut")
	}
}

func TestHostCalls(t *testing.T) {
	gone := fault.Wrap(fault.New(fault.Upstream, "inner"), fault.UpstreamTimeout, "no answer").Retry(3)
	host := func() *fakeHost {
		h := &fakeHost{}
		h.functions = map[string]func(ctxType, []payload.Value) (payload.Value, error){
			"http_get": answers(`{"status_code":200,"body":"ok"}`), "exist_profile": answers(`null`), "template": fails(gone),
		}
		return h
	}
	tests := []struct{ name, code, want, calls string }{
		{"result", `return http_get("http://x").status_code`, `200`, `http_get("http://x")`},
		{"null", `return {a: exist_profile() === null}`, `{"a":true}`, `exist_profile()`},
		{"undefined", `return {a: delete_profile() === undefined}`, `{"a":true}`, `delete_profile()`},
		{"undefined arguments", `echo(1, undefined, 2, undefined, undefined)`, `{"a":1}`, `echo(1,null,2)`},
		{"function argument", `echo(() => 1, {f() {}, a: 1})`, `{"a":1}`, `echo(null,{"a":1})`},
		{"caught", `try { template("x") } catch (e) { return [e.name, e.message, e.code, e instanceof Error, String(e)] }`,
			`["NflowError","no answer","upstream_timeout",true,"NflowError: no answer"]`, `template("x")`},
		{"cyclic argument", `const a = {}; a.a = a; try { echo(a) } catch (e) { return e.name }`, `"TypeError"`, ``},
		{"not offered", `return [typeof __read_file, typeof nothing_at_all]`, `["undefined","undefined"]`, ``},
		{"shadowed", `function echo(x) { return x * 2 } return echo(2)`, `4`, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := host()
			if got := body(t, tt.code, h); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := strings.Join(h.calls, "|"); got != tt.calls {
				t.Errorf("calls %s, want %s", got, tt.calls)
			}
		})
	}
	_, err := scriptCall{code: "let a\n  template('x')", host: host(), field: "data.script"}.run(t, testEngine())
	f := wantFault(t, err, fault.UpstreamTimeout, 2, 11)
	if f.Message != "no answer" || f.RetryAfter != 3 || f.Field != "data.script" || !strings.Contains(errorChain(err), "inner") {
		t.Errorf("got %+v", f)
	}
	_, err = scriptCall{code: "async function main() { await 1; template('x') }", entry: "main", host: host()}.run(t, testEngine())
	wantFault(t, err, fault.UpstreamTimeout, 1, 42)
}

func TestRequire(t *testing.T) {
	modules := scripts(map[string]string{
		"plain":      `module.exports = {name: "plain", id: module.id, same: exports !== module.exports}`,
		"exports":    `exports.a = 1; exports.b = () => payload.a`,
		"only main":  "function helper() { return 2 }\nfunction main() { return helper() }",
		"both":       `function main() {} exports.x = 1`,
		"a":          `exports.early = 1; exports.b = require("b"); exports.late = 2`,
		"b":          `const a = require("a"); exports.sawEarly = a.early; exports.sawLate = a.late === undefined`,
		"broken":     "exports.x = 1\nlet y = )",
		"throws":     "\n  throw new Error('from module')",
		"nested":     `module.exports = require("throws")`,
		"globals":    `exports.id = uuid().length; exports.mine = wid; exports.whole = this.payload === undefined; exports.g = globalThis.payload.a`,
		"es":         `import {a} from "exports"; export const twice = a * 2; export default function f() { return twice }`,
		"late throw": "exports.f = function () {\n  return null.x\n}",
	})
	modules["typed"] = node.Script{Code: "export function f(x: number): number { return x + 1 }", Language: node.TypeScript}
	tests := []struct{ name, code, want string }{
		{"module.exports", `return require("plain")`, `{"name":"plain","id":"plain","same":false}`},
		{"exports", `return [require("exports").a, require("exports").b()]`, `[1,1]`},
		{"once", `return require("exports") === require("exports")`, `true`},
		{"only main", `return require("only main").main()`, `2`},
		{"main and exports", `return Object.keys(require("both"))`, `["x"]`},
		{"cycle", `const a = require("a"); return [a.b.sawEarly, a.b.sawLate, a.late]`, `[1,true,2]`},
		{"unknown", `try { require("nope") } catch (e) { return [e.code, e.message] }`, `["not_found","there is no module \"nope\""]`},
		{"syntax error", `try { require("broken") } catch (e) { return e.message }`, `"module broken, line 2:9: syntax error: Unexpected token )"`},
		{"throws, and is not kept", `let n = 0; for (const i of [1, 2]) try { require("throws") } catch (e) { if (e.message === "from module") n++ } return n`, `2`},
		{"fs", `try { require("fs") } catch (e) { return [e.code, e.message] }`, `["feature_disabled","require(\"fs\") is not available: scripts reach the outside only through the runtime's functions"]`},
		{"node:child_process", `try { require("node:child_process") } catch (e) { return e.code }`, `"feature_disabled"`},
		{"fs/promises", `try { require("fs/promises") } catch (e) { return e.code }`, `"feature_disabled"`},
		{"no name", `try { require() } catch (e) { return e.name }`, `"TypeError"`},
		{"globals of a module", `return require("globals")`, `{"id":36,"mine":"w1","whole":false,"g":1}`},
		{"import and export", `const m = require("es"); return [m.twice, m.default()]`, `[2,2]`},
		{"typescript", `return require("typed").f(1)`, `2`},
		{"util", `const u = require("util"); return [u.format("%s-%d", "a", 1), u.inspect({a: 1})]`, `["a-1","{ a: 1 }"]`},
		{"node: prefix", `return require("node:util") === require("util")`, `true`},
		{"url", `const {URL} = require("url"); const u = new URL("https://a.b/c?d=1#e"); return [u.host, u.searchParams.get("d"), JSON.stringify({u})]`, `["a.b","1","{\"u\":\"https://a.b/c?d=1#e\"}"]`},
		{"URL without require", `return {u: new URL("/x", "http://a.b")}`, `{"u":"http://a.b/x"}`},
		{"buffer", `const {Buffer} = require("buffer"); return Buffer.from("hola").toString("base64")`, `"aG9sYQ=="`},
		{"Buffer without require", `return Buffer.from("aG9sYQ==", "base64").toString()`, `"hola"`},
		{"console", `require("console").log("x"); return 1`, `1`},
		{"eval in a module stays off", `try { require("exports").b.constructor("return 1") } catch (e) { return e.name }`, `"EvalError"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{modules: modules, globals: map[string]string{"wid": `"w1"`}}
			if got := body(t, tt.code, host); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	for code, line := range map[string]int{`require("nested")`: 2, `require("late throw").f()`: 2} {
		_, err := scriptCall{code: code, field: "data.script", host: &fakeHost{modules: modules}}.run(t, testEngine())
		f := fault.As(err)
		if f.Code != fault.ScriptFailed || f.Line != line || f.Field != "" || !strings.Contains(f.Message, "in module ") {
			t.Errorf("%s: got %v", code, err)
		}
	}
}

func TestRules(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"as documented", `rule_add_fx("now", () => 100); rule_add_fx("days", n => n * 10);
			return rule_run({registered: 50, sales: 7}, {plan: "premium"},
				'now() > registered + days(4) && plan == "premium" | plan = "free"', 'plan == "free" | feature = true, left = sales - 1 * 2')`,
			`{"output":{"plan":"free","feature":true,"left":5},"err":null}`},
		{"condition not met", `return rule_run({a: 1}, {}, "a > 2 | b = 1").output`, `{}`},
		{"no condition", `return rule_run({a: 1}, {}, "b = (a + 2) * 3 % 4, c = -a, d = !(a == 1)").output`, `{"b":1,"c":-1,"d":false}`},
		{"or", `return rule_run({a: 1}, {}, "a == 2 || a == 1 | b = 1", 'a != 1 || a >= 2 | c = 1').output`, `{"b":1}`},
		{"short cut", `let n = 0; rule_add_fx("f", () => { n++; return true }); rule_run({a: 1}, {}, "a == 2 && f() | b = 1", "a == 1 || f() | c = 1"); return n`, `0`},
		{"text with a bar", `return rule_run({a: "x|y"}, {}, 'a == "x|y" | b = a + "z"').output`, `{"b":"x|yz"}`},
		{"null", `return rule_run({a: null}, {}, 'a == null | b = 1').output`, `{"b":1}`},
		{"function that throws", `rule_add_fx("f", () => { throw new Error("mine") }); try { rule_run({}, {}, "b = f()") } catch (e) { return e.message }`, `"mine"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := body(t, tt.code, nil); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
	for rule, want := range map[string]string{
		`x > 1 | b = 1`: "neither in the input", `a = 1`: "is an input", `b = nope()`: "no function nope", `b = `: "expected a value", `b`: "expected name",
		`b = "x`: "not closed", `b = 1 +`: "expected a value", `b = (1`: "expected )", `b = a + "x"`: "is for numbers", `b = 1 2`: "expected the end",
		`a == 1 | `: "expected name", `a == 1 ~ | b = 1`: "expected |", `b = 1.2.3`: "not a number", "b = " + strings.Repeat("(", 200): "nested too deeply",
	} {
		got := body(t, "return rule_run({a: 1}, {}, `"+rule+"`).err", nil)
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %q", rule, got, want)
		}
	}
}
