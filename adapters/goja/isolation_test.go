package goja

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

const planting = `
setTimeout(() => { leak = 2 }, 0); Promise.resolve().then(() => { leak = 3 })
leak = "global"; globalThis.leak2 = 1; var leak3 = 1
Object.prototype.leak4 = 1; Array.prototype.leak5 = 1; String.prototype.trim = () => "leak"
JSON.stringify = () => '"leak"'; Math.random = () => "leak"; Promise.prototype.then = null; Object.keys = null
Symbol.for("leak"); console.log = null; payload.leak = 1; c.Set("leak", 1); c.SetHeader("X-Leak", "1")
require("counter").n++
rule_add_fx("leak", () => 1)
Object.freeze(Array.prototype); delete globalThis.Map; Date.now = () => "leak"
return payload`

const looking = `
const found = []
for (const k of Object.getOwnPropertyNames(globalThis)) if (k.indexOf("leak") === 0) found.push(k)
for (const o of [{}, [], "", Object.prototype, Array.prototype]) for (const k in o) found.push(k)
if (" a ".trim() !== "a") found.push("trim")
if (JSON.stringify(1) !== "1") found.push("JSON")
if (typeof Math.random() !== "number") found.push("random")
if (typeof Promise.prototype.then !== "function" || typeof Object.keys !== "function" || typeof Map !== "function") found.push("then")
if (typeof console.log !== "function" || typeof Date.now() !== "number" || Object.isFrozen(Array.prototype)) found.push("frozen")
if (typeof leak !== "undefined" || payload.leak || c.Get("leak") !== undefined) found.push("variable")
if (require("counter").n !== 0) found.push("module")
if (rule_run({}, {}, "x = leak()").err === null) found.push("rule")
return found`

func TestIsolation(t *testing.T) {
	e := testEngine()
	host := func() *fakeHost { return &fakeHost{modules: scripts(map[string]string{"counter": "exports.n = 0"})} }
	for i := range 500 {
		got, err := scriptCall{code: planting, payload: `{}`, host: host()}.run(t, e)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 && string(got.Payload.Bytes()) == `{}` {
			t.Fatal("the planting script did nothing")
		}
		if found := outcome(scriptCall{code: looking, payload: `{}`, host: host()}.run(t, e)); found != "[]" {
			t.Fatalf("run %d found %s", i, found)
		}
	}
}

func TestConcurrency(t *testing.T) {
	e := New(Config{Functions: hostFunctions(), MaxPrograms: 3})
	codes := []string{
		`const x = payload.id; await null; return {id: x, seen: echo(x), again: payload.id}`,
		`const x = payload.id; return {id: x, seen: echo(x), again: require("m").same(payload.id)}`,
		`interface P { id: string }; const x = (payload as P).id; return {id: x, seen: echo(x), again: x}`,
		`const x = payload.id; return new Promise(ok => setTimeout(() => ok({id: x, seen: echo(x), again: payload.id}), 1))`,
		`throw new Error(payload.id)`,
	}
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			for i := range 20 {
				id := fmt.Sprintf("run-%d-%d", g, i)
				n := (g + i) % len(codes)
				c := scriptCall{code: codes[n], payload: `{"id":"` + id + `"}`, host: &fakeHost{
					modules: scripts(map[string]string{"m": "exports.same = x => x"}),
					functions: map[string]func(context.Context, []payload.Value) (payload.Value, error){
						"echo": func(_ context.Context, args []payload.Value) (payload.Value, error) { return args[0], nil },
					},
				}}
				if n == 2 {
					c.language = "ts"
				}
				got := outcome(c.runWith(context.Background(), e))
				want := fmt.Sprintf(`{"id":%q,"seen":%q,"again":%q}`, id, id, id)
				if n == 4 {
					want = "error: line 1:7: Error: " + id
				}
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
	if n := e.programs.order.Len(); n > 3 {
		t.Errorf("%d programs kept, want at most 3", n)
	}
}

func TestCompiledOnce(t *testing.T) {
	e := testEngine()
	var mu sync.Mutex
	compiled := 0
	count := func(s source) (*program, error) {
		mu.Lock()
		compiled++
		mu.Unlock()
		return e.compile(s)
	}
	cache := newPrograms(2)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := cache.get(source{code: "return 1"}, count); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if compiled != 1 {
		t.Errorf("compiled %d times", compiled)
	}
	for _, code := range []string{"a", "b", "return 1", "a", "b"} { // return 1 goes first, then a and b in turn
		_, _ = cache.get(source{code: code}, count)
	}
	if compiled != 6 || cache.order.Len() != 2 {
		t.Errorf("compiled %d times, %d kept", compiled, cache.order.Len())
	}
}

func TestAsksOnlyForNames(t *testing.T) {
	host := &fakeHost{globals: map[string]string{"profile": `{"name":"eva"}`, "vars": `{"id":"7"}`, "unused": `1`, "mine": `1`}}
	code := `function main() { const mine = 2; payload.x = [profile.name, vars.id, vars.id, mine, typeof absent, Math.max(1), uuid().length]; profile = null }`
	got, err := scriptCall{code: code, entry: "main", payload: `{}`, host: host}.run(t, testEngine())
	if err != nil || string(got.Payload.Bytes()) != `{"x":["eva","7","7",2,"undefined",1,36]}` {
		t.Fatalf("got %s, %v", got.Payload.Bytes(), err)
	}
	if asked := strings.Join(host.asked, " "); asked != "next absent profile vars" {
		t.Errorf("asked for %s", asked)
	}
}
