package goja

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// TestCallDepthThroughNativeCode recurses by way of the engine's own functions,
// which must count as any other recursion.
func TestCallDepthThroughNativeCode(t *testing.T) {
	for _, code := range []string{
		"const f = () => [2, 1].sort(f)\nf()",
		"const f = () => 'a'.replace(/a/, f)\nf()",
		"const f = () => 'a'.replace('a', f)\nf()",
		"const f = () => JSON.stringify({toJSON: f})\nf()",
		"const f = () => JSON.stringify([1], f)\nf()",
		"const f = () => JSON.parse('[1]', f)\nf()",
		"const f = () => Array.from([1], f)\nf()",
		"const f = () => Array.from({[Symbol.iterator]: f})\nf()",
		"const f = () => [...{[Symbol.iterator]: f}]\nf()",
		"const f = () => [1].reduce(f, 0)\nf()",
		"const f = () => new Proxy({}, {get: f}).x\nf()",
		"const f = () => 'x' in new Proxy({}, {has: f})\nf()",
		"const f = () => Object.keys(new Proxy({}, {ownKeys: f}))\nf()",
		"const f = () => +{valueOf: f}\nf()",
		"const f = () => `${{toString: f}}`\nf()",
		"const f = () => +{[Symbol.toPrimitive]: f}\nf()",
		"const f = () => f.call()\nf()",
		"const f = () => Reflect.apply(f, null, [])\nf()",
		"const f = () => f.bind()()\nf()",
		"function F() { Reflect.construct(F, []) }\nnew F()",
		"class A { constructor() { new A() } }\nnew A()",
		"class A { x = new A() }\nnew A()",
		"function f(a = f()) {}\nf()",
		"function* f() { yield* f() }\nf().next()",
		"function* f(a = f()) {}\nf()",
		"const f = async () => { await f() }\nf()",
		"const f = () => new Promise(f)\nf()",
		"const f = () => ({}) instanceof class { static [Symbol.hasInstance]() { f() } }\nf()",
		"const f = () => Object.defineProperty({}, 'x', {get value() { f() }})\nf()",
		"const f = () => { throw f() }\nf()",
		"const f = () => f``\nf()",
		"const o = {get x() { return o.x }}\no.x",
		"const o = {set x(v) { o.x = v }}\no.x = 1",
		"const f = () => console.log({get x() { f() }})\nf()",
		"const f = () => echo({get x() { f() }})\nf()",
		"const f = () => structuredClone({get x() { f() }})\nf()",
		"const f = () => { rule_add_fx('f', f); rule_run({}, {}, 'x = f()') }\nf()",
		"const f = () => find_element('a', {get a() { f() }})\nf()",
		"const f = () => Buffer.from({valueOf: f})\nf()",
		"const f = () => c.Set({toString: f}, 1)\nf()",
		"const f = () => c.JSON({valueOf: f})\nf()",
		"const a = []; a[0] = a\nconst f = () => a.map(f)\nf()",
	} {
		_, err := scriptCall{code: code, limits: policy.Limits{CallDepth: 200, Operations: 1_000_000}}.run(t, testEngine())
		f := fault.As(err)
		if f == nil || f.Code != fault.LimitExceeded || f.Limit != "limits.max_call_depth" || f.Line == 0 {
			t.Errorf("%s: got %v", code, err)
		}
	}
}
