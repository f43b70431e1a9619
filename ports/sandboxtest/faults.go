package sandboxtest

import (
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func faultRows() []row {
	return []row{
		{name: "thrown error", code: "let a = 1\n  throw new TypeError('no ' + a)", want: "script_failed at 2:9: TypeError: no 1"},
		{name: "thrown in a function", code: "function f() {\n  return undefined.x\n}\nf()", want: "script_failed at 2:20: TypeError: Cannot read property 'x' of undefined"},
		{name: "thrown value", code: `throw {why: [1]}`, want: "script_failed at 1:1: uncaught { why: [ 1 ] }"},
		{name: "thrown text", code: `throw "text"`, want: "script_failed at 1:1: uncaught text"},
		{name: "rejected", code: `await Promise.reject(new Error("late"))`, want: "script_failed at 1:22: Error: late"},
		{name: "thrown by a timer", code: "setTimeout(() => {\n  throw new Error('t')\n}, 1)", want: "script_failed at 2:9: Error: t"},
		{name: "thrown in TypeScript", code: "interface A { x: number }\nconst a: A = {x: 1}\nthrow new Error(String(a.x))", language: node.TypeScript, want: "script_failed at 3:7: Error: 1"},
		{name: "thrown in a module", code: "1;\nrequire('throws')", want: "script_failed at 2:7: Error: from inside (in module throws)"},
		{name: "what throws when it is shown", code: `throw {get x() { throw 1 }, toString() { throw 2 }}`, want: "script_failed at 1:1: uncaught { x: [Thrower], toString: [Function: toString] }"},
		{name: "a promise that nothing settles", code: `await new Promise(() => {})`, want: "script_failed: the script awaits a promise that nothing will settle any more"},
		{name: "syntax", code: "let a = 1\nlet b = )", want: "invalid at 2:9: syntax error: Unexpected token )"},
		{name: "syntax in a module", code: "require('broken')", want: "invalid at 1:8: module broken, line 2:9: syntax error: Unexpected token )"},
		{name: "closes the function around it", code: "}); evil(); (function(){", want: "invalid at 1:25: syntax error: unbalanced brackets"},
		{name: "no entry function", code: "1", entry: "main", want: "script_failed: the script does not define a function main()"},
		{name: "nested too deep", code: "return " + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000), want: "invalid: the script nests brackets deeper than 500 levels"},
	}
}

func evalRows() []row {
	// Each gives "closed" when a way to turn text into code throws an Error.
	ways := map[string]string{
		"eval":                           `eval("1")`,
		"indirect eval":                  `(0, eval)("1")`,
		"computed eval":                  `globalThis["ev" + "al"]("1")`,
		"Function":                       `Function("return 1")()`,
		"new Function":                   `new Function("return 1")()`,
		"constructor of a function":      `(function () {}).constructor("return 1")()`,
		"constructor of an arrow":        `(() => 1).constructor("return 1")()`,
		"constructor of async functions": `(async () => 1).constructor("return 1")()`,
		"constructor of generators":      `(function* () {}).constructor("yield 1")()`,
		"constructor of a class":         `(class {}).constructor("return 1")()`,
		"constructor of native code":     `console.log.constructor("return 1")()`,
		"constructor of a host function": `echo.constructor("return 1")()`,
		"Reflect":                        `Reflect.construct(Function, ["return 1"])()`,
		"a class that extends Function":  `new (class extends Function {})("return 1")()`,
		"a proxy of Function":            `new Proxy(Function, {})("return 1")()`,
		"a callback":                     `["return 1"].map(Function)[0]()`,
		"after Function is replaced":     `Function = undefined; (function () {}).constructor("return 1")()`,
		"text for a timer":               `setTimeout("1", 0)`,
	}
	rows := make([]row, 0, len(ways))
	for name, code := range ways {
		rows = append(rows, row{name: name, want: `"closed"`, code: "try { " + code + "; return 'open' } catch (e) { return e instanceof Error ? 'closed' : String(e) }"})
	}
	return rows
}

// endingRows say that nothing of a run goes on after it.
func endingRows() []row {
	return []row{
		{name: "timers are waited for", code: `setTimeout(() => console.log("fired"), 5)`, want: `{"a":1}`, lines: []string{"info: fired"}},
		{name: "a failure ends timers", code: `setTimeout(() => console.log("fired"), 5); throw "x"`, want: "script_failed at 1:44: uncaught x"},
		{name: "cleared timers do not fire", code: `clearTimeout(setTimeout(() => console.log("fired"), 1)); await new Promise(ok => setTimeout(ok, 5)); return 1`, want: `1`},
		{name: "an interval that stops itself", code: `let n = 0; const i = setInterval(() => { if (++n === 3) { clearInterval(i); payload.n = n } }, 1)`, want: `{"a":1,"n":3}`},
		{name: "a pending promise keeps nothing alive", code: `new Promise(() => {}); return 1`, want: `1`},
		{name: "jobs end before the run", code: `Promise.resolve().then(() => { payload.b = 2 }).then(() => { payload.c = 3 })`, want: `{"a":1,"b":2,"c":3}`},
	}
}
