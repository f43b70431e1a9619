package goja

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// TestBuffer tries what would take all memory or all time.
func TestBuffer(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"alloc", `return Buffer.alloc(3).toString("hex")`, `"000000"`},
		{"alloc filled", `return Buffer.alloc(5, "ab").toString()`, `"ababa"`},
		{"alloc filled in hex", `return Buffer.alloc(3, "ff00", "hex").toString("hex")`, `"ff00ff"`},
		{"alloc filled with a number", `return Buffer.alloc(2, 65).toString()`, `"AA"`},
		{"alloc filled with nothing", `return Buffer.alloc(3, "").toString("hex")`, `"000000"`},
		{"alloc filled with no hex", `return Buffer.alloc(3, "zz", "hex").toString("hex")`, `"000000"`},
		{"alloc too much", `return Buffer.alloc(1e10)`, "a Buffer of 10000000000 bytes is larger than 1000 bytes"},
		{"alloc nonsense", `return Buffer.alloc("x")`, "number"},
		{"from text", `return Buffer.from("ñ").toString("hex")`, `"c3b1"`},
		{"from hex", `return Buffer.from("c3b1", "hex").toString()`, `"ñ"`},
		{"from bytes", `return Buffer.from([65, 66]).toString()`, `"AB"`},
		{"from typed array", `return Buffer.from(new Uint8Array([65])).toString()`, `"A"`},
		{"from ArrayBuffer", `return Buffer.from(new Uint8Array([65, 66, 67]).buffer, 1, 2).toString()`, `"BC"`},
		{"from boxed text", `return Buffer.from(new String("a")).toString()`, `"a"`},
		{"from toPrimitive", `return Buffer.from({[Symbol.toPrimitive]() { return "p" }}).toString()`, `"p"`},
		{"from endless valueOf", `const f = () => ({valueOf: f}); return Buffer.from(f())`, "ever more objects"},
		{"from lying length", `return Buffer.from({length: 1e10})`, "larger than"},
		{"from negative length", `return Buffer.from({length: -5}).length`, "0"},
		{"from nothing", `return Buffer.from()`, "first argument"},
		{"new of a size", `return new Buffer(2).length + Buffer("abc").length`, "5"},
		{"new too much", `return new Buffer(1e10)`, "larger than"},
		{"concat", `return Buffer.concat([Buffer.from("a"), Buffer.from("b")]).toString()`, `"ab"`},
		{"concat with total", `return Buffer.concat([Buffer.from("a"), Buffer.from("b")], 3).toString("hex")`, `"616200"`},
		{"concat too much", `const b = Buffer.alloc(900); return Buffer.concat([b, b])`, "larger than"},
		{"concat with large total", `return Buffer.concat([Buffer.alloc(1)], 1e12)`, "larger than"},
		{"concat of an endless list", `const b = Buffer.alloc(900); return Buffer.concat({*[Symbol.iterator]() { for (;;) yield b }})`, ""},
		{"instances", `const b = Buffer.from("a"); return [b instanceof Buffer, b instanceof Uint8Array, b.constructor === Buffer, require("buffer").Buffer === Buffer]`, "[true,true,true,true]"},
		{"slice", `return Buffer.from("abcd").slice(1, 3).toString() + Buffer.from("abcd").subarray(1).toString()`, `"bcbcd"`},
		{"no Go inside", `let p = Buffer.prototype, n = 0; for (const o of [Buffer, p, Buffer.from("a")]) n += Object.getOwnPropertySymbols(o).length; return [n, Object.getPrototypeOf(Buffer) === Uint8Array]`, "[0,true]"},
		{"getAll", `const all = new URLSearchParams("a=1&a=2").getAll("a"); return [Array.isArray(all), all.push("3"), all, new URLSearchParams("").getAll("x")]`, `[true,3,["1","2","3"],[]]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := outcome(scriptCall{code: tt.code, limits: policy.Limits{PayloadBytes: 1000, Operations: 10_000}}.run(t, testEngine()))
			if tt.want != got && (!strings.HasPrefix(got, "error: ") || !strings.Contains(got, tt.want)) {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// TestNoGoInReach walks everything a script can reach from its globals and from
// the objects the engine hands out, and wants neither Go's names nor a member
// that turns text into code.
func TestNoGoInReach(t *testing.T) {
	code := `
const seen = new Set(), odd = [], queue = []
const look = (path, v) => {
  if (v === null || typeof v !== "object" && typeof v !== "function" || seen.has(v)) return
  seen.add(v); queue.push([path, v])
}
for (const k of Object.getOwnPropertyNames(globalThis)) look(k, globalThis[k])
for (const [k, v] of Object.entries({
  Buffer, buffer: Buffer.from("a"), URL, url: new URL("http://a.b/?c=d"), URLSearchParams, params: new URLSearchParams("a=b"),
  iterator: new URLSearchParams("a=b").entries(), all: new URLSearchParams("a=b").getAll("a"), console, c, request: c.Request(), response: c.Response(),
  header: c.Response().Header(), require, module, exports, util: require("util"), sleep, setTimeout, uuid, payload, structuredClone,
  rule: rule_run({}, {}), echo, error: (() => { try { null.x } catch (e) { return e } })(), host: (() => { try { c.File("missing") } catch (e) { return e } })(),
  generator: (function* () {})(), promise: (async () => {})(), async: async () => {}, fn: function* () {}, cls: class { #x; static m() {} }, args: (function () { return arguments })(),
  regexp: /a/.exec("a"), iterators: [[].values(), new Map().entries(), new Set().values(), "a"[Symbol.iterator](), "a".matchAll(/a/g)], date: new Date(), proxy: new Proxy({}, {}), big: Object(1n), sym: Object(Symbol()),
})) look(k, v)
for (let i = 0; i < queue.length; i++) {
  const [path, o] = queue[i]
  look(path + ".__proto__", Object.getPrototypeOf(o))
  for (const k of Reflect.ownKeys(o)) {
    let v
    try { v = o[k] } catch (e) { v = e }
    const name = path + "." + String(k)
    if (typeof v === "function" && /github|goja|func\d/.test(v.name) && k !== "toString" && k !== "next") odd.push(name + " is " + v.name)
    look(name, v)
  }
  for (const f of [o, o.constructor]) {
    if (typeof f !== "function") continue
    for (const make of [() => f("return 7"), () => new f("return 7"), () => Reflect.construct(f, ["return 7"]), () => f.call(null, "return 7"), () => f.bind(null, "return 7")(), () => f.apply(null, ["return 7"])]) {
      if (f === setTimeout || f === sleep || f === setInterval) continue
      try { const made = make(); if (typeof made === "function" && made() === 7) odd.push(path + " makes code") } catch (e) {}
    }
  }
}
return [odd, seen.size > 300]`
	host := &fakeHost{}
	if got := outcome(scriptCall{code: code, host: host, payload: `{}`}.run(t, testEngine())); got != "[[],true]" {
		t.Errorf("got %.2000s", got)
	}
}
