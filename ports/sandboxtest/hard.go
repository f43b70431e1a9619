package sandboxtest

import (
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// hardRows are what a script engine cannot stop by asking: native code that does
// not look up, and memory. Their names stand in docs/sandbox.md.
func hardRows() []row {
	rows := slices.Concat(hardTime(), hardMemory())
	for i := range rows {
		rows[i].hard = true
	}
	return rows
}

// HardMemory is what one script may take in the rows of memory: their calls say
// so, and an engine that bounds memory when it starts must be given it.
const HardMemory = 64 << 20

func hardTime() []row {
	const timedOut, either = "limit_exceeded vm_pool.max_execution_seconds*", "limit_exceeded vm_pool.max_*"
	limits := policy.Limits{ScriptTime: 200 * time.Millisecond, MemoryBytes: HardMemory}
	codes := []struct{ name, code, want string }{
		{"native loop over a claimed length", `Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 99)`, timedOut},
		{"native loop that moves items", `Array.prototype.copyWithin.call({length: 2 ** 53 - 1}, 1, 0)`, timedOut},
		{"regex that backtracks behind a look-ahead", `/^(?=(a+)+$)(a+)+$/.test("a".repeat(40) + "!")`, timedOut},
		{"regex that backtracks with a back-reference", `/^(a+)+\1$/.test("a".repeat(40) + "!")`, timedOut},
		{"regex that backtracks in replace", `("a".repeat(40) + "!").replace(/(?=a)((a+)+)$/g, "")`, timedOut},
		{"power of a BigInt", `7n ** 100000000n`, either},
		{"parser that takes too long", "return " + strings.Repeat("a=>", 80_000) + "1", "limit_exceeded *"},
	}
	rows := make([]row, 0, len(codes))
	for _, c := range codes {
		rows = append(rows, row{name: c.name, code: c.code, limits: limits, want: c.want})
	}
	return rows
}

func hardMemory() []row {
	const tooMuch = "limit_exceeded vm_pool.max_memory_mb*"
	limits := policy.Limits{ScriptTime: 20 * time.Second, MemoryBytes: HardMemory}
	codes := []struct{ name, code string }{
		{"giant array", `const a = new Array(3e7).fill(1); return a.length`},
		{"giant text", `return "x".repeat(1 << 30).length`},
		{"giant buffer", `new Uint8Array(new ArrayBuffer(4 * 1024 * 1024 * 1024)).fill(7)`},
		{"array that grows", `const a = []; for (;;) a.push(new Array(1000).fill(1))`},
		{"text that doubles", `let s = "x"; for (;;) { s += s; s.charCodeAt(s.length - 1) }`},
		{"native recursion", `let f = () => 1; for (let i = 0; i < 3000000; i++) f = f.bind(null); f()`},
	}
	rows := make([]row, 0, len(codes))
	for _, c := range codes {
		rows = append(rows, row{name: c.name, code: c.code, limits: limits, want: tooMuch, greedy: true})
	}
	return rows
}
