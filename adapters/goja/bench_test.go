package goja

import (
	"context"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func benchmarkRun(b *testing.B, script node.Script, input string) {
	e := testEngine()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	host := &quietHost{}
	call := ports.ScriptCall{Name: "bench", Script: script, Payload: payload.Trusted([]byte(input)), Host: host, Limits: policy.DefaultLimits()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Run(ctx, call); err != nil {
			b.Fatal(err)
		}
	}
}

// quietHost answers nothing and remembers nothing.
type quietHost struct{ fakeHost }

func (*quietHost) Global(name string) (payload.Value, bool) {
	if name == "nflow_data" {
		return payload.Trusted([]byte(`{"field":"*","http_code":"200"}`)), true
	}
	return payload.Value{}, false
}

func BenchmarkRun(b *testing.B) {
	b.Run("trivial", func(b *testing.B) {
		benchmarkRun(b, node.Script{Code: `return {resultado: payload.valor*2}`}, `{"valor":21}`)
	})
	b.Run("constant", func(b *testing.B) {
		benchmarkRun(b, node.Script{Code: `return {resultado: 42}`}, `{"valor":21}`)
	})
	b.Run("main with c.JSON", func(b *testing.B) {
		code := "function main() {\n  if (nflow_data['field'] == '*') {\n    c.JSON(200, payload)\n    next = 'output_1'\n  }\n}"
		benchmarkRun(b, node.Script{Code: code, Entry: "main"}, `{"valor":21}`)
	})
	b.Run("1000 square roots", func(b *testing.B) {
		benchmarkRun(b, node.Script{Code: `let s = 0; for (let i = 0; i < 1000; i++) { s += Math.sqrt(i) * Math.sin(i) } return {s}`}, `{}`)
	})
	b.Run("await", func(b *testing.B) {
		benchmarkRun(b, node.Script{Code: `const x = await Promise.resolve(payload.valor); return {resultado: x}`}, `{"valor":21}`)
	})
	b.Run("10KB through", func(b *testing.B) {
		benchmarkRun(b, node.Script{Code: `payload.seen = true`}, sample(130))
	})
	b.Run("1MB through", func(b *testing.B) {
		benchmarkRun(b, node.Script{Code: `payload.seen = true`}, sample(12_500))
	})
}
