package goja

import (
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// BenchmarkCounting shows what counting costs: each script counted and plain.
func BenchmarkCounting(b *testing.B) {
	for _, tt := range []struct{ name, code string }{
		{"for", `let s = 0; for (let i = 0; i < 20000; i++) s += i; return {s}`},
		{"for block", `let s = 0; for (let i = 0; i < 20000; i++) { s += i } return {s}`},
		{"while", `let n = 20000; while (n > 0) n--; return {n}`},
		{"do", `let n = 20000; do { n-- } while (n > 0); return {n}`},
		{"array", `const a = new Array(1000).fill(7); let s = 0; for (let k = 0; k < 20; k++) for (let i = 0; i < a.length; i++) s += a[i]; return {s}`},
		{"for-of", `const a = new Array(1000).fill(7); let s = 0; for (let k = 0; k < 20; k++) for (const x of a) s += x; return {s}`},
		{"for-in", `const o = {}; for (let i = 0; i < 100; i++) o["k" + i] = i; let s = 0; for (let k = 0; k < 50; k++) for (const x in o) s += o[x]; return {s}`},
		{"math", `let s = 0; for (let i = 0; i < 20000; i++) s += Math.sqrt(i) * Math.sin(i); return {s}`},
		{"objects", `const a = []; for (let i = 0; i < 5000; i++) a.push({id: i, name: "n" + i}); return {n: a.length}`},
		{"large body", `let s = 0, t = 1; for (let i = 0; i < 10000; i++) { if (i % 3 === 0) { s += i * 2; t ^= i } else if (i % 5 === 0) { s -= i; t += 3 } else { s ^= 7; t = (t << 1) & 1023 } } return {s, t}`},
		{"fib", `function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) } return {f: fib(18)}`},
		{"arrow map", `const a = new Array(5000).fill(7); return {n: a.map(x => x * 2).length}`},
	} {
		b.Run(tt.name, func(b *testing.B) {
			plain, counted, marked := cost(tt.code, 0, false), cost(tt.code, 100_000_000, false), cost(tt.code, 100_000_000, true)
			for b.Loop() {
				plain.once(b)
				counted.once(b)
				marked.once(b)
			}
			b.ReportMetric(float64(plain.best.Nanoseconds()), "plain-ns")
			b.ReportMetric(counted.over(plain), "counted-%")
			b.ReportMetric(marked.over(plain), "marked-%")
		})
	}
}

// costing is a script run again and again, and the shortest time it took: what
// else the machine does only makes it longer.
type costing struct {
	engine *Engine
	call   ports.ScriptCall
	best   time.Duration
}

func cost(code string, operations int, marks bool) *costing {
	return &costing{engine: New(Config{Marks: marks}), best: time.Hour, call: ports.ScriptCall{
		Script: node.Script{Code: code}, Payload: payload.EmptyObject(), Host: &quietHost{}, Limits: policy.Limits{Operations: operations},
	}}
}

func (c *costing) once(b *testing.B) {
	start := time.Now()
	if _, err := c.engine.Run(b.Context(), c.call); err != nil {
		b.Fatal(err)
	}
	c.best = min(c.best, time.Since(start))
}

// over is how much longer this takes, in percent.
func (c *costing) over(plain *costing) float64 {
	return 100 * (float64(c.best)/float64(plain.best) - 1)
}
