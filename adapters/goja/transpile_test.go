package goja

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// TestTranspilesOnlyWhenNeeded checks that what the engine can parse never sees
// the transpiler, which costs hundreds of microseconds.
func TestTranspilesOnlyWhenNeeded(t *testing.T) {
	e := testEngine()
	for code, want := range map[string]bool{
		"return payload?.a ?? 1": false, "return await 1": false, "class A { static { this.x = 1 } #y = 2 }": false, "let x = 1_000n ** 2n; x ||= 1n": false,
		"async function* g() {}": true, "for await (const x of y) {}": true, "using x = y()": true, "return /a/v": true,
	} {
		p, err := e.program(source{code: code, shape: bodyShape})
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		if got := p.origin != nil; got != want {
			t.Errorf("%s: transpiled = %v", code, got)
		}
	}
}

func TestTranspileTooLarge(t *testing.T) {
	_, err := testEngine().program(source{code: strings.Repeat(" ", maxTranspiled) + "let a: number", language: "ts"})
	if err == nil || !strings.Contains(err.Error(), "too large to be transpiled") {
		t.Errorf("got %v", err)
	}
}

// A text of nothing but prefix operators would take all of the stack, which is
// the server's.
func TestTranspileTooManyPrefixes(t *testing.T) {
	for _, code := range []string{strings.Repeat("!", 200_000) + "1", strings.Repeat("- ~\n", 2_000) + "1"} {
		_, err := testEngine().program(source{code: code, language: "ts"})
		if err == nil || !strings.Contains(err.Error(), "deeper than") {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzSourceMap(f *testing.F) {
	f.Add("AAAA;;AACA,IAAM,ECAC;A", 3, 2)
	f.Fuzz(func(t *testing.T, mappings string, line, column int) {
		m, err := parseSourceMap([]byte(`{"mappings":`+toJSON(mappings)+`}`), 5, "one\ntwo\nthree")
		if err != nil {
			t.Fatal(err)
		}
		if l, c, ok := m.find(line, column); ok && (l < 1 || l > 3 || c < 1 || c > 6) {
			t.Errorf("%d:%d is outside the source", l, c)
		}
	})
}

func FuzzRules(f *testing.F) {
	for _, seed := range []string{`a > 1 && f(a, "x") | b = a * 2, c = "y"`, `b = !(a == 1) || -a < 2`, `| b = 1`, `b = "\u00e9`} {
		f.Add(seed)
	}
	e := testEngine()
	f.Fuzz(func(t *testing.T, rule string) {
		_, err := e.Run(context.Background(), ports.ScriptCall{
			Script:  mainScript(`rule_add_fx("f", x => x); const r = rule_run({a: 1}, {}, payload.rule); return {done: r.err === null || typeof r.err === "string"}`),
			Payload: payload.Member("rule", payload.Text(rule)),
			Limits:  policy.Limits{ScriptTime: 5 * time.Second},
			Host:    &fakeHost{},
		})
		if err != nil {
			t.Errorf("%q: %v", rule, err)
		}
	})
}
