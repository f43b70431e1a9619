package sandboxtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// plant leaves marks wherever the next run could find them.
const plant = `
setTimeout(() => { leak = 2 }, 0)
const i = setInterval(() => { leak = 3; clearInterval(i) }, 0)
Promise.resolve().then(() => { leak = 4 }); new Promise(() => {}); Promise.reject(1).catch(() => { leak = 5 })
leak = "global"; globalThis.leak2 = 1; var leak3 = 1; this.leak4 = 1
Object.prototype.leak5 = 1; Array.prototype.leak6 = 1; Function.prototype.leak7 = 1; Error.prototype.leak8 = 1
String.prototype.trim = () => "leak"; Number.prototype.toFixed = () => "leak"; RegExp.prototype.exec = () => null
JSON.stringify = () => '"leak"'; Math.random = () => "leak"; Promise.prototype.then = null; Object.keys = null
Symbol.for("leak"); console.log = null; payload.leak = 1; c.Set("leak", 1); c.SetHeader("X-Leak", "1")
require("counter").next(); require("double").leak = 1; profile.leak = 1
Object.freeze(Array.prototype); delete globalThis.Map; Date.now = () => "leak"; echo = null
return payload`

// look returns what it found of that.
const look = `
const found = []
for (const k of Object.getOwnPropertyNames(globalThis)) if (k.indexOf("leak") === 0) found.push(k)
for (const o of [{}, [], "", () => 1, new Error(), Object.prototype, Array.prototype]) for (const k in o) found.push(k)
if (" a ".trim() !== "a" || (1).toFixed(1) !== "1.0" || !/a/.test("a")) found.push("methods")
if (JSON.stringify(1) !== "1" || typeof Math.random() !== "number") found.push("JSON or Math")
if (typeof Promise.prototype.then !== "function" || typeof Object.keys !== "function" || typeof Map !== "function") found.push("deleted")
if (typeof console.log !== "function" || typeof Date.now() !== "number" || typeof echo !== "function") found.push("replaced")
if (Object.isFrozen(Array.prototype)) found.push("frozen")
if (typeof leak !== "undefined" || payload.leak || c.Get("leak") !== undefined || profile.leak) found.push("values")
if (require("counter").next() !== 1 || require("double").leak) found.push("module")
await new Promise(ok => setTimeout(ok, 0))
if (typeof leak !== "undefined") found.push("timers")
return found`

// many is how often marks are planted, and looked for.
const many = 1000

func testIsolation(t *testing.T, e ports.ScriptEngine) {
	run := func(code string) string { return outcome(e.Run(context.Background(), row{code: code}.call(&host{}))) }
	for range many {
		if got := run(plant); got != `{"a":1,"leak":1}` {
			t.Fatalf("planting gave %s", got)
		}
	}
	for i := range many {
		if got := run(look); got != `[]` {
			t.Fatalf("run %d after the planting found %s", i, got)
		}
	}
	for i := range 50 { // one right after the other
		run(plant)
		if got := run(look); got != `[]` {
			t.Fatalf("run %d found %s", i, got)
		}
	}
}

func testConcurrency(t *testing.T, e ports.ScriptEngine) {
	codes := []string{
		`const x = payload.id; await null; return {id: x, seen: echo(x), again: payload.id}`,
		`const x = payload.id; console.log(x); return {id: x, seen: echo(x), again: require("double")(1) && x}`,
		`const x = payload.id; return new Promise(ok => setTimeout(() => ok({id: x, seen: echo(x), again: payload.id}), 1))`,
		`throw new Error(payload.id)`,
		`for (;;);`,
	}
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := range 10 {
				id, n := fmt.Sprintf("run-%d-%d", g, i), (g+i)%len(codes)
				h := &host{}
				r := row{code: codes[n], payload: `{"id":"` + id + `"}`, limits: policy.Limits{Operations: 100_000}}
				got := outcome(e.Run(context.Background(), r.call(h)))
				want := fmt.Sprintf(`{"id":%q,"seen":%q,"again":%q}`, id, id, id)
				switch n {
				case 3:
					want = "script_failed at 1:7: Error: " + id
				case 4:
					want = "limit_exceeded vm_pool.max_operations at 1:1: the script made more than 100000 loop turns and calls"
				default:
					same(t, "calls of "+id, h.calls, []string{`echo "` + id + `"`})
				}
				same(t, id, got, want)
			}
		})
	}
	wg.Wait()
}

func testCancellation(t *testing.T, e ports.ScriptEngine) {
	for name, code := range map[string]string{
		"loop":        "started(); for (;;);",
		"sleep":       "started(); sleep(60000)",
		"timer":       "started(); setTimeout(() => {}, 60000)",
		"host call":   "hang()",
		"caught":      "try { hang() } catch (e) { for (;;); }",
		"loop caught": "started(); for (;;) { try { for (;;); } catch (e) {} finally { continue } }",
	} {
		t.Run(name, func(t *testing.T) {
			code := "const started = () => { try { echo('started') } catch (e) {} }\n" + code
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			h := &startedHost{host: host{hangs: make(chan struct{})}, started: make(chan struct{})}
			ended := make(chan string, 1)
			go func() { ended <- outcome(e.Run(ctx, row{code: code}.call(h))) }()
			select {
			case <-h.started:
			case <-h.hangs:
			case got := <-ended:
				t.Fatalf("it ended by itself: %s", got)
			}
			cancel()
			select {
			case got := <-ended:
				if !strings.HasPrefix(got, "cancelled") {
					t.Errorf("got %s", got)
				}
			case <-time.After(slack):
				t.Fatal("it goes on after it was cancelled")
			}
		})
	}
	t.Run("before it starts", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		h := &host{}
		_, err := e.Run(ctx, row{code: "console.log(1)"}.call(h))
		if fault.CodeOf(err) != fault.Cancelled || len(h.lines) > 0 {
			t.Errorf("got %v, lines %v", err, h.lines)
		}
	})
}
