package sandboxtest

import "github.com/arturoeanton/nflow-runtime/domain/node"

func valueRows() []row {
	return []row{
		{name: "returned", code: `return {b: payload.a + 1}`, want: `{"b":2}`},
		{name: "edited", code: `payload.b = 2`, want: `{"a":1,"b":2}`},
		{name: "replaced", code: `payload = [1, null, true, "x", 1.5]`, want: `[1,null,true,"x",1.5]`},
		{name: "untouched", code: ``, payload: `{"b": 1.0, "a": [ ]}`, want: `{"b": 1.0, "a": [ ]}`},
		{name: "nothing becomes an object", code: `return null`, want: `{}`},
		{name: "null comes as an object", code: `payload.x = 1`, payload: `null`, want: `{"x":1}`},
		{name: "texts of every kind", code: `return payload`, payload: `["añ","🦙","\u2028\u0000\"\\","日本語"]`, want: "[\"añ\",\"🦙\",\"\u2028\\u0000\\\"\\\\\",\"日本語\"]"},
		{name: "order of keys", code: `return payload`, payload: `{"z":1,"b":2,"a":3}`, want: `{"z":1,"b":2,"a":3}`},
		{name: "a megabyte", code: `return {n: payload.s.length, s: payload.s.slice(-3)}`, payload: `{"s":"` + megabyte() + `"}`, want: `{"n":1048576,"s":"xyz"}`},
		{name: "a megabyte back", code: `return "x".repeat(1 << 20)`, want: `"` + letters(1<<20) + `"`},
		{name: "awaited", code: `const x = await Promise.resolve(3); return {x}`, want: `{"x":3}`},
		{name: "after a timer", code: `return new Promise(ok => setTimeout(() => ok({b: 1}), 2))`, want: `{"b":1}`},
		{name: "edited by a timer", code: `setTimeout(() => { payload.late = true }, 1)`, want: `{"a":1,"late":true}`},
		{name: "next", code: `next = "output_2"`, next: "output_2", want: `{"a":1}`},
		{name: "entry function", code: `function main() { payload.b = 2; next = "done" }`, entry: "main", next: "done", want: `{"a":1,"b":2}`},
		{name: "entry function, waiting", code: `async function main() { await null; payload.b = 2 }`, entry: "main", want: `{"a":1,"b":2}`},
		{name: "TypeScript", code: "interface P { a: number }\nconst p = payload as P; return {b: p.a + 1}", language: node.TypeScript, want: `{"b":2}`},
		{name: "locals read", code: `return {x: c.Get("x"), y: c.Get("y") === undefined}`, locals: `{"x":[1]}`, want: `{"x":[1],"y":true}`},
		{name: "locals kept", code: `c.Set("y", {z: 2})`, locals: `{"x":1}`, kept: `{"x":1,"y":{"z":2}}`, want: `{"a":1}`},
		{name: "nothing from outside", code: `return [typeof process, typeof fetch, typeof __dirname, typeof global]`, want: `["undefined","undefined","undefined","undefined"]`},
	}
}

func letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'x'
	}
	return string(b)
}

// megabyte is a text of 1 MiB that ends in xyz.
func megabyte() string { return letters(1<<20-2) + "yz" }
