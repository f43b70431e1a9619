package goja

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// findingsOf are the findings of a script as "rule:severity line:column".
func findingsOf(t *testing.T, s node.Script) string {
	t.Helper()
	all, err := testEngine().Check(t.Context(), s)
	if err != nil {
		t.Fatalf("%s: %v", s.Code, err)
	}
	var out []string
	for _, f := range all {
		out = append(out, fmt.Sprintf("%s:%s %d:%d", f.Rule, f.Severity, f.Line, f.Column))
	}
	return strings.Join(out, ", ")
}

// Findings stand where the author wrote the code, whatever was wrapped around it
// or made of it.
func TestFindingsArePlaced(t *testing.T) {
	for _, tt := range []struct {
		name string
		node.Script
		want string
	}{
		{"body", node.Script{Code: `eval("1")`}, "no-eval:high 1:1"},
		{"second line", node.Script{Code: "const é = 'ü'; \n  const x = 'ñ'; eval(x); return x"}, "no-eval:high 2:18"},
		{"await", node.Script{Code: `await 1; require("fs")`}, "no-system-module:high 1:10"},
		{"program", node.Script{Code: "function main() {\n  while (true) {}\n}", Entry: "main"}, "endless-loop:high 2:3"},
		{"typescript body", node.Script{Code: "const n: number = 1;\nwhile (true) {}", Language: node.TypeScript}, "endless-loop:high 2:1"},
		{"typescript first line", node.Script{Code: "const s: string = eval('1')", Language: node.TypeScript}, "no-eval:high 1:19"},
		{"typescript program", node.Script{Code: "import fs from 'fs';\nexport function main(): void {\n  eval('1' + fs);\n}", Language: node.TypeScript, Entry: "main"},
			"no-system-module:high 1:16, no-eval:high 3:3"},
		{"too new for the engine", node.Script{Code: "for await (const x of y) {\n  eval(x)\n}"}, "no-eval:high 2:3"},
		{"the global object", node.Script{Code: `this.eval("1")`}, "no-eval:high 1:1"},
		{"the global object, transpiled", node.Script{Code: `const x: any = 1; this.eval(x)`, Language: node.TypeScript}, "no-eval:high 1:19"},
		{"the global object of a program", node.Script{Code: `this.eval("1")`, Entry: "main"}, "no-eval:high 1:1"},
		{"not the global object", node.Script{Code: `return { eval() { return 1 }, run() { return this.eval() } }`}, ""},
		{"provided", node.Script{Code: `payload = {}; next = "x"; profile = 1; vars = {}`}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := findingsOf(t, tt.Script); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestFindingsAreJSON(t *testing.T) {
	all, err := testEngine().Check(t.Context(), node.Script{Code: `eval("1")`})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var back []policy.Finding
	if err := json.Unmarshal(raw, &back); err != nil || len(back) != 1 || back[0] != all[0] {
		t.Errorf("%s gave %v, %v", raw, back, err)
	}
}

// What people really write raises no alarm.
func TestNoFalseAlarms(t *testing.T) {
	codes, _ := sharedModules(t)
	if codes == nil {
		codes = map[string]string{}
	}
	files, err := filepath.Glob(filepath.Join("testdata", "designer", "*.js"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		code, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		codes[name] = string(code)
	}
	for name, code := range codes {
		if code == "NULL" {
			continue
		}
		if got := findingsOf(t, node.Script{Code: code, Entry: "main"}); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Every example of docs/security.md is found, with the severity it says.
func TestDocumentedRules(t *testing.T) {
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if !strings.HasPrefix(line, "| `") || len(cells) != 4 {
			continue
		}
		rules++
		rule, severity, code := strings.Trim(cells[0], "| `"), cells[1], strings.Trim(cells[2], "`")
		if got := findingsOf(t, node.Script{Code: code, Entry: "main"}); !strings.Contains(got, rule+":"+severity+" ") {
			t.Errorf("%s gave %q, want %s:%s", code, got, rule, severity)
		}
	}
	if rules < 20 {
		t.Errorf("only %d examples were read", rules)
	}
}
