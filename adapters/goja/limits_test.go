package goja

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func TestScriptTime(t *testing.T) {
	tests := []struct {
		name, code   string
		line, column int // 0, 0 = not checked
	}{
		{"loop", "let i = 0\nfor (;;) { i++ }", 2, 0},
		{"caught", "for (;;) { try { for (;;); } catch (e) {} finally { continue } }", 1, 0},
		{"finally", "try { for (;;); } finally { for (;;); }", 1, 0},
		{"function in native code", "[1].forEach(() => { for (;;); })", 1, 0},
		{"getter while encoding", "return {get a() { for (;;); }}", 1, 0},
		{"toJSON while encoding", "return {toJSON() { for (;;); }}", 1, 0},
		{"promise job", "return Promise.resolve().then(() => { for (;;); })", 1, 0},
		{"endless promises", "function f() { return Promise.resolve().then(f) } return f()", 1, 0},
		{"async function that catches", "async function f() { try { for (;;); } catch (e) {} } for (;;) { await f() }", 1, 0},
		{"iterator that returns", "for (const x of {[Symbol.iterator]() { return {next() { return {value: 1} }, return() { for (;;); }} }}) { for (;;); }", 1, 0},
		{"generator", "function* g() { try { for (;;) yield 1 } finally { for (;;); } } for (const x of g()) ;", 1, 0},
		{"timer far away", "setTimeout(() => {}, 60000)", 0, 0},
		{"interval", "setInterval(() => {}, 1)", 0, 0},
		{"sleep", "\nsleep(60000)", 2, 0},
		{"sleep caught", "for (;;) { try { sleep(60000) } catch (e) {} }", 1, 0},
		{"module", "require('slow')", 0, 0},
		{"entry defined, then a loop at the top", "x = 1; for (;;);", 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{modules: scripts(map[string]string{"slow": "for (;;);"})}
			start := time.Now()
			_, err := scriptCall{code: tt.code, host: host, limits: policy.Limits{ScriptTime: 50 * time.Millisecond, Operations: 1 << 40}}.run(t, testEngine())
			f := fault.As(err)
			if f == nil || f.Code != fault.LimitExceeded || f.Limit != "vm_pool.max_execution_seconds" {
				t.Fatalf("got %v", err)
			}
			if tt.line != 0 && f.Line != tt.line {
				t.Errorf("line %d, want %d", f.Line, tt.line)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestCallDepth(t *testing.T) {
	for _, code := range []string{
		"function f() { f() }\nf()",
		"function f() { try { f() } catch (e) { f() } }\nf()",
		"class A { get x() { return this.x } }\nnew A().x",
		"let o = {toString() { return '' + o }}\n'' + o",
		"function f() { [1].map(f) }\nf()",
	} {
		_, err := scriptCall{code: code, limits: policy.Limits{CallDepth: 200}}.run(t, testEngine())
		f := fault.As(err)
		if f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_call_depth" || f.Line != 1 {
			t.Errorf("%s: got %v (limit %q)", code, err, f.Limit)
		}
	}
	got := outcome(scriptCall{code: "function f(n) { return n ? f(n - 1) : 0 } return f(150)", limits: policy.Limits{CallDepth: 200}}.run(t, testEngine()))
	if got != "0" {
		t.Errorf("150 of 200 calls: %s", got)
	}
}

func TestPayloadLimit(t *testing.T) {
	for _, code := range []string{
		`return "x".repeat(2000)`, `payload.x = "x".repeat(2000)`, `c.Set("a", "x".repeat(2000))`, `c.JSON(200, "x".repeat(2000))`,
		`c.HTML(200, "x".repeat(2000))`, `echo("x".repeat(2000))`, `let a = []; a.length = 4294967295; return a`,
	} {
		_, err := scriptCall{code: code, payload: `{}`, limits: policy.Limits{PayloadBytes: 1000}}.run(t, testEngine())
		f := fault.As(err)
		if f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_payload_bytes" {
			t.Errorf("%s: got %v", code, err)
		}
	}
}

func TestLogLimit(t *testing.T) {
	tests := []struct {
		name, code, limit string
		limits            policy.Limits
		want              string
	}{
		{"lines", "\nfor (let i = 0; i < 100; i++) console.log(i)", "limits.max_log_lines", policy.Limits{LogLines: 3}, "info: 0|info: 1|info: 2"},
		{"caught", "\nfor (let i = 0; i < 100; i++) try { console.log(i) } catch (e) { i = 0 } finally { continue }", "limits.max_log_lines", policy.Limits{LogLines: 1}, "info: 0"},
		{"from native code", "\n[1, 2, 3, 4].forEach(console.log)", "limits.max_log_lines", policy.Limits{LogLines: 2}, "info: 1 0 [ 1, 2, 3, 4 ]|info: 2 1 [ 1, 2, 3, 4 ]"},
		{"from a promise", "\nPromise.resolve().then(() => { console.log(1); console.log(2) }).catch(() => {}); await null", "limits.max_log_lines", policy.Limits{LogLines: 1}, "info: 1"},
		{"bytes", "console.log('a')\nconsole.log('x'.repeat(50))", "limits.max_log_bytes", policy.Limits{LogBytes: 50}, "info: a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{}
			_, err := scriptCall{code: tt.code, host: host, limits: tt.limits}.run(t, testEngine())
			f := fault.As(err)
			if f == nil || f.Code != fault.LimitExceeded || f.Limit != tt.limit || f.Line != 2 {
				t.Errorf("got %v", err)
			}
			if got := strings.Join(host.lines, "|"); got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	for _, code := range []string{
		"for (;;);", "setTimeout(() => {}, 60000)", "sleep(60000)", "for (;;) { try { sleep(60000) } catch (e) {} }", "return {get a() { for (;;); }}",
		"try { wait() } catch (e) { for (;;); }",
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		why := errors.New("gone")
		time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
		e := New(Config{Functions: []string{"wait"}})
		host := &fakeHost{functions: map[string]func(context.Context, []payload.Value) (payload.Value, error){
			"wait": func(ctx context.Context, _ []payload.Value) (payload.Value, error) {
				<-ctx.Done()
				return payload.Value{}, fault.New(fault.Cancelled, "the call was cancelled")
			},
		}}
		start := time.Now()
		_, err := scriptCall{code: code, host: host}.runWith(ctx, e)
		if fault.CodeOf(err) != fault.Cancelled || !errors.Is(err, why) {
			t.Errorf("%s: got %v", code, err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: took %s", code, took)
		}
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	host := &fakeHost{}
	if _, err := (scriptCall{code: "console.log(1)", host: host}).runWith(ctx, testEngine()); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
	if len(host.lines) != 0 {
		t.Error("the script ran")
	}
}

// TestHostCallEndsWithScript checks that a slow host call is told to stop when
// the script's time is over.
func TestHostCallEndsWithScript(t *testing.T) {
	for _, code := range []string{"echo()", "try { echo() } catch (e) { for (;;); }", "require('m')"} {
		slow := func(ctx context.Context, _ []payload.Value) (payload.Value, error) {
			<-ctx.Done()
			return payload.Value{}, fault.New(fault.Cancelled, "the call was cancelled")
		}
		host := &fakeHost{
			functions: map[string]func(context.Context, []payload.Value) (payload.Value, error){"echo": slow},
			modules:   scripts(map[string]string{"m": "echo()"}),
		}
		start := time.Now()
		_, err := scriptCall{code: code, host: host, limits: policy.Limits{ScriptTime: 30 * time.Millisecond}}.run(t, testEngine())
		if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != "vm_pool.max_execution_seconds" {
			t.Errorf("%s: got %v", code, err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s: took %s", code, took)
		}
	}
}

// TestLateAlarm checks that the watchdog of a run that just made it in time
// never bites the next run on the same watchdog.
func TestLateAlarm(t *testing.T) {
	e := testEngine()
	limits := policy.Limits{ScriptTime: time.Millisecond}
	for i := range 300 {
		_, _ = scriptCall{code: fmt.Sprintf("let n = %d; while (n-- > 0);", i*20), limits: limits}.run(t, e)
		if got := outcome(scriptCall{code: "let n = 3000; while (n-- > 0); return 1", limits: policy.Limits{ScriptTime: time.Minute}}.run(t, e)); got != "1" {
			t.Fatalf("run %d: %s", i, got)
		}
	}
}

func TestNothingStays(t *testing.T) {
	defer goleak.VerifyNone(t)
	e := testEngine()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	host := &fakeHost{}
	for _, code := range []string{
		"setTimeout(() => console.log('fired'), 5); throw 1",
		"setTimeout(() => console.log('fired'), 5); return Promise.reject(1)",
		"setInterval(() => console.log('fired'), 5); for (;;);",
		"new Promise(() => {}); return 1",
		"return new Promise(() => {})",
	} {
		_, _ = scriptCall{code: code, host: host, limits: policy.Limits{ScriptTime: 20 * time.Millisecond}}.runWith(ctx, e)
	}
	time.Sleep(30 * time.Millisecond)
	if len(host.lines) != 0 {
		t.Errorf("after Run returned: %v", host.lines)
	}
}

func TestEvalIsOff(t *testing.T) {
	tests := []string{
		`eval("1")`, `(0, eval)("1")`, `globalThis["ev" + "al"]("1")`, `new Function("return 1")`, `Function("return 1")()`,
		`(function () {}).constructor("return 1")`, `(async function () {}).constructor("return 1")`, `(function* () {}).constructor("yield 1")`,
		`(() => 1).constructor("return 1")`, `(class {}).constructor("return 1")`, `({m() {}}).m.constructor("return 1")`,
		`Object.getPrototypeOf(async () => {}).constructor("1")`, `Object.getPrototypeOf(function* () {}).constructor("1")`,
		`Reflect.construct(Function, ["1"])`, `Reflect.construct(Object, [], Function) && Reflect.construct(Function, [])`, `Reflect.apply(Function, null, ["1"])`, `Function.prototype.constructor("1")`,
		`console.log.constructor("1")`, `Function.bind(null, "1")()`, `[1].map(Function)`, `new (class extends Function {})("1")`,
		`new (function () {}.constructor)("return 1")`, `(async () => {}).constructor("return 1")`, `Object.getPrototypeOf(class { static async m() {} }.m).constructor("1")`,
		`new (Object.getPrototypeOf(function* () {}).constructor)("yield 1")`, `(function* () {}).constructor.bind(null, "yield 1")()`, `Reflect.construct((async () => {}).constructor, ["1"])`,
		`Reflect.construct(Function, ["1"], Object)`, `Reflect.construct(Function, ["1"], class {})`, `new Proxy(Function, {})("1")`, `new (new Proxy(Function, {}))("1")`, `new (Function.bind(null, "1"))`,
		`Function.call(null, "1")`, `Function.apply(null, ["1"])`, `Function.prototype.call.call(Function, null, "1")`, `Reflect.get(Object.getPrototypeOf(() => 1), "constructor")("1")`,
		`new Error().constructor.constructor("1")`, `(() => { try { null.x } catch (e) { return e } })().constructor.constructor("1")`, `[].constructor.constructor("1")`, `"".constructor.constructor("1")`,
		`(1).constructor.constructor("1")`, `true.constructor.constructor("1")`, `1n.constructor.constructor("1")`, `Symbol().constructor.constructor("1")`, `/a/.constructor.constructor("1")`,
		`Promise.resolve().constructor.constructor("1")`, `new Map().constructor.constructor("1")`, `new Uint8Array().constructor.constructor("1")`, `JSON.constructor.constructor("1")`, `Math.constructor.constructor("1")`,
		`globalThis.constructor.constructor("1")`, `arguments.constructor.constructor("1")`, `arguments.callee.constructor("1")`, `payload.constructor.constructor("1")`, `c.constructor.constructor("1")`, `c.JSON.constructor("1")`,
		`console.constructor.constructor("1")`, `echo.constructor("1")`, `require.constructor("1")`, `require("util").inspect.constructor("1")`, `require("url").URL.constructor("1")`, `Buffer.constructor.constructor("1")`,
		`Buffer.from.constructor("1")`, `module.constructor.constructor("1")`, `new URL("http://a").constructor.constructor("1")`, `c.Request().constructor.constructor("1")`,
		`JSON.parse("[1]", Function)`, `JSON.parse('{"a":"1"}', (k, v) => k ? Function(v) : v)`, `JSON.stringify({toJSON: Function})`, `"1".replace("1", Function)`, `"a".replace(/a/, (0, eval))`, `["1"].map(eval)`, `["1"].forEach(Function)`,
		`Array.from(["1"], Function)`, `["a", "b"].sort(Function)`, `["1", "2"].reduce(Function)`, "Function`1`", `eval?.("1")`, `Function?.("1")`, `Promise.resolve().constructor.constructor.constructor("1")`,
		`Object.getOwnPropertyDescriptor(Function.prototype, "constructor").value("1")`, `Object.getOwnPropertyDescriptors(globalThis).Function.value("1")`, `globalThis["Fun" + "ction"]("1")`,
		`({get x() { return Function("1") }}).x`, `({set x(v) { Function(v) }}).x = "1"`, `(class { static { Function("1") } })`, `new (class { x = Function("1") })`, `new (class extends (async () => {}).constructor {})("1")`,
		`const {constructor: F} = () => 1; F("1")`, `const [F] = [Function]; F("1")`, `new Proxy({}, {get: () => Function}).x("1")`, `Symbol.prototype.constructor.constructor("1")`, `rule_add_fx("f", Function); rule_run({}, {}, "x = f(\"1\")").err ?? (() => { throw Error() })()`,
		`setInterval("1")`, `setImmediate("1")`, `queueMicrotask("1")`, `({}).constructor.constructor("return this")()`, `Function("}, function () {")`, `Function("/*", "*/) {")`, `Function({toString: () => "1"})`,
		`setTimeout("1")`, `new Proxy(Function, {})("1")`, `structuredClone.constructor("1")`, `(function f() {}).__proto__.constructor("1")`,
	}
	for _, code := range tests {
		got := body(t, "try { "+code+"; return 'evaluated' } catch (e) { return e instanceof Error }", nil)
		if got != "true" {
			t.Errorf("%s: %s", code, got)
		}
	}
	if got := body(t, `try { eval("1") } catch (e) { return [e.name, e instanceof EvalError, e.message] }`, nil); got != `["EvalError",true,"eval is switched off: text cannot be turned into code here"]` {
		t.Errorf("got %s", got)
	}
	_, err := scriptCall{code: "\n  eval('1')"}.run(t, testEngine())
	wantFault(t, err, fault.ScriptFailed, 2, 7)
}

// TestEngineFault checks that a panic in Go code ends the run, not the process.
func TestEngineFault(t *testing.T) {
	host := &fakeHost{functions: map[string]func(context.Context, []payload.Value) (payload.Value, error){
		"echo": func(context.Context, []payload.Value) (payload.Value, error) { panic("host secret") },
	}}
	_, err := scriptCall{code: `try { echo() } catch (e) { return "caught" }`, host: host}.run(t, testEngine())
	f := fault.As(err)
	if f == nil || f.Code != fault.Internal || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}
