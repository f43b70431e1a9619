package goja

import (
	"fmt"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// TestMarks asks which place was told last when the engine's own code starts,
// which stands for code that never comes back.
func TestMarks(t *testing.T) {
	// stuck is a host function as far as the engine knows; the test reads the
	// place at its call.
	tests := []struct{ name, code, want string }{
		{"loop", "for (;;) {\n  ({valueOf: stuck}) < 1\n}", ":1:1"},
		{"function", "const f = () => +{valueOf: stuck}\nf()", ":1:11"},
		{"argument of a method", "'x'\n  .repeat({valueOf: stuck})", ":2:11"},
		{"method without arguments", "const o = {toString: stuck}\n;[o].join()", ":2:2"},
		{"chain", "'a,b'\n  .split(',')\n  .concat(1)\n  .map(String)\n  .fill({}, {valueOf: stuck})", ":5:13"},
		{"several arguments", "'x'.padStart(5,\n  {toString: stuck})", ":2:3"},
		{"constructor", "new Array(1); \nnew Uint8Array({get length() { return +{valueOf: stuck} }})", ":2:17"},
		{"global", "Array(1)\nBigInt({valueOf: stuck})", ":2:8"},
		{"computed", "const k = 'repeat'\n'x'[k]({valueOf: stuck})", ":2:8"},
		{"bound function", "const f = ''.padEnd.bind('x', {valueOf: stuck});\n f()", ":2:2"},
		{"power", "const n = 1n;\nn ** {valueOf: stuck}", ":2:6"},
		{"spread", "\n;[1, ...{[Symbol.iterator]: stuck}]", ":2:9"},
		{"optional chain", "const o = {f: stuck}\n'x'?.repeat({valueOf: stuck})", ":2:13"},
		{"transpiled", "const n: number = 1\n\n'x'.repeat({valueOf: stuck} as any)", ":3:12"},
		{"module", "require('m')", "m:2:13"},
		{"characters", "\n'ñandú 😀'.repeat({valueOf: stuck})", ":2:18"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			last, seen := "nowhere", "never called"
			e := New(Config{Marks: true, Functions: []string{"stuck"}})
			_, _ = e.Run(t.Context(), ports.ScriptCall{
				Script:  node.Script{Code: tt.code, Language: map[bool]node.Language{true: node.TypeScript}[tt.name == "transpiled"]},
				Payload: payload.EmptyObject(),
				Limits:  policy.Limits{Operations: 100},
				At:      func(module string, line, column int) { last = fmt.Sprintf("%s:%d:%d", module, line, column) },
				Host: &fakeHost{
					modules: scripts(map[string]string{"m": "const s = 'x'\n'x'.repeat( {valueOf: stuck})"}),
					functions: map[string]func(ctxType, []payload.Value) (payload.Value, error){
						"stuck": func(ctxType, []payload.Value) (payload.Value, error) {
							seen = last
							return payload.Trusted([]byte("1")), nil
						},
					},
				},
			})
			if seen != tt.want {
				t.Errorf("told %s, want %s", seen, tt.want)
			}
		})
	}
}

// TestMarksAlone checks that places are told without a limit on operations, and
// that an engine without marks tells of loops and functions only.
func TestMarksAlone(t *testing.T) {
	for _, tt := range []struct {
		marks      bool
		operations int
		want       int
	}{{true, 0, 4}, {false, 100, 3}, {false, 0, 0}} {
		told := 0
		e := New(Config{Marks: tt.marks})
		_, err := e.Run(t.Context(), ports.ScriptCall{
			Script: node.Script{Code: "for (const x of [1, 2, 3]) ;\nreturn x2\nvar x2"}, Payload: payload.EmptyObject(), Host: &fakeHost{},
			Limits: policy.Limits{Operations: tt.operations}, At: func(string, int, int) { told++ },
		})
		if err != nil || told != tt.want {
			t.Errorf("%+v: told %d, %v", tt, told, err)
		}
	}
}
