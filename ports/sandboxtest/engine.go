package sandboxtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// startedHost says when a script calls echo first.
type startedHost struct {
	host
	once    sync.Once
	started chan struct{}
}

func (h *startedHost) Call(ctx context.Context, function string, args []payload.Value) (payload.Value, error) {
	if function == "echo" {
		h.once.Do(func() { close(h.started) })
	}
	return h.host.Call(ctx, function, args)
}

func testCheck(t *testing.T, e ports.ScriptEngine) {
	tests := []struct {
		name, want string
		script     node.Script
	}{
		{"body", "", node.Script{Code: "return payload"}},
		{"entry", "", node.Script{Code: "function main() {}", Entry: "main"}},
		{"TypeScript", "", node.Script{Code: "const x: number = 1; return x", Language: node.TypeScript}},
		{"syntax", "invalid at 2:9: syntax error: Unexpected token )", node.Script{Code: "let a = 1\nlet b = )"}},
		{"syntax of TypeScript", "invalid at 2:8: syntax error: Unexpected \"=\"", node.Script{Code: "let a: number = 1\nlet b: = 2", Language: node.TypeScript}},
		{"language", `invalid: unknown language "py"; use js or ts`, node.Script{Code: "1", Language: "py"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.script.Field = "data.script"
			_, err := e.Check(context.Background(), tt.script)
			if err == nil && tt.want == "" {
				return
			}
			same(t, "fault", outcome(node.ScriptResult{}, err), tt.want)
			same(t, "field", fault.As(err).Field, "data.script")
		})
	}
}

// testOperations finds out after how many operations a script ends by itself:
// the number is part of the contract, or a script that worked in one engine
// would not in the other.
func testOperations(t *testing.T, e ports.ScriptEngine) {
	for _, tt := range []struct {
		name, code string
		want       int
	}{
		{"nothing", "return 1", 1},
		{"loop", "for (let i = 0; i < 100; i++);", 100},
		{"calls", "function f() {}\nf(); f(); f()", 3},
		{"loop with calls", "const f = x => x\nlet s = 0\nfor (const x of [1, 2, 3]) s += f(x)", 6},
		{"callbacks", "[1, 2, 3].map(x => x)", 3},
		{"promises", "for (let i = 0; i < 10; i++) await null", 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stopped := func(limit int) bool {
				_, err := e.Run(context.Background(), row{code: tt.code, limits: policy.Limits{Operations: limit}}.call(&host{}))
				if err != nil && fault.As(err).Limit != "vm_pool.max_operations" {
					t.Fatal(err)
				}
				return err != nil
			}
			needed := 1 // a limit of 0 does not count
			for needed < 1000 && stopped(needed) {
				needed++
			}
			same(t, "operations", needed, tt.want)
		})
	}
}

// testAfterTheStorm wants an engine to serve as before after scripts were
// stopped in every way it knows.
func testAfterTheStorm(t *testing.T, e ports.ScriptEngine) {
	brief := policy.Limits{ScriptTime: 50 * time.Millisecond, Operations: 1 << 40}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, r := range []row{
				{code: "for (;;);", limits: brief},
				{code: "sleep(10000)", limits: brief},
				{code: "for (;;);", limits: policy.Limits{Operations: 10}},
				{code: "function f() { f() } f()", limits: policy.Limits{CallDepth: 50}},
				{code: "for (;;) console.log(1)", limits: policy.Limits{LogLines: 5}},
				{code: "for (;;) echo(1)", limits: policy.Limits{HostCalls: 5}},
				{code: "throw 1"}, {code: "let b = )"},
			} {
				if _, err := e.Run(context.Background(), r.call(&host{})); err == nil {
					t.Errorf("%s was not stopped", r.code)
				}
			}
		})
	}
	wg.Wait()
	for range 20 {
		same(t, "afterwards", outcome(e.Run(context.Background(), row{code: "return echo(payload.a + 1)"}.call(&host{}))), "2")
	}
}
