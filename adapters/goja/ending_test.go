package goja

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// TestEndings checks how runs end that leave promises and timers behind.
func TestEndings(t *testing.T) {
	tests := []struct{ name, code, want, lines string }{
		{"awaiting for ever", "await new Promise(() => {}); console.log('never')", "error: the script awaits a promise that nothing will settle any more", ""},
		{"returning a promise for ever", "return new Promise(() => {})", "error: the script awaits a promise that nothing will settle any more", ""},
		{"a promise nobody awaits", "new Promise(() => {}).then(() => console.log('never')); return 1", "1", ""},
		{"an async function nobody awaits", "(async () => { await null; await null; console.log('done') })(); return 1", "1", "info: done"},
		{"a timer nobody awaits", "setTimeout(() => console.log('fired'), 1); return 1", "1", "info: fired"},
		{"a timer that edits what was returned", "const o = {n: 1}; setTimeout(() => { o.n = 2 }, 1); return o", `{"n":2}`, ""},
		{"timers in order", "setTimeout(() => console.log(3), 4); setTimeout(() => console.log(2), 2); setImmediate(() => console.log(1)); Promise.resolve().then(() => console.log(0))", "{}", "info: 0|info: 1|info: 2|info: 3"},
		{"timer after a throw", "setTimeout(() => console.log('never'), 1); throw 1", "error: line 1:44: uncaught 1", ""},
		{"timer after a rejection", "setTimeout(() => console.log('never'), 1); await Promise.reject(1)", "error: uncaught 1", ""},
		{"an interval that is cleared", "let n = 0; const i = setInterval(() => { console.log(n); if (++n == 2) clearInterval(i) }, 1)", "{}", "info: 0|info: 1"},
		{"a timer that throws", "setTimeout(() => { throw 2 }, 1); return 1", "error: line 1:20: uncaught 2", ""},
		{"await of a thenable", "return await {then(ok) { setTimeout(ok, 1, 7) }}", "7", ""},
		{"thenable that never answers", "return {then() {}}", "error: the script awaits a promise that nothing will settle any more", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{}
			got := outcome(scriptCall{code: tt.code, host: host}.run(t, testEngine()))
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if lines := strings.Join(host.lines, "|"); lines != tt.lines {
				t.Errorf("wrote %s, want %s", lines, tt.lines)
			}
		})
	}
}

// TestEndlessJobs stops promise jobs and timers that make ever more of
// themselves, by time and by operations.
func TestEndlessJobs(t *testing.T) {
	for _, code := range []string{
		"(function f() { Promise.resolve().then(f) })()",
		"(async function f() { await null; f() })()",
		"(function f() { setTimeout(f) })()",
		"(function f() { setImmediate(f); setImmediate(f) })()",
		"(function f() { queueMicrotask(f) })()",
		"const t = {then(ok) { ok(t) }}; await t",
		"(function f() { Promise.reject().catch(f) })()",
		"(function f() { Promise.race([1]).finally(f) })()",
	} {
		for limit, limits := range map[string]policy.Limits{
			"vm_pool.max_execution_seconds": {ScriptTime: 30 * time.Millisecond},
			"vm_pool.max_operations":        {ScriptTime: 20 * time.Second, Operations: 1000},
		} {
			_, err := scriptCall{code: code, limits: limits}.runWith(context.Background(), testEngine())
			if f := fault.As(err); f == nil || f.Code != fault.LimitExceeded || f.Limit != limit {
				t.Errorf("%s: got %v, want %s", code, err, limit)
			}
		}
	}
}
