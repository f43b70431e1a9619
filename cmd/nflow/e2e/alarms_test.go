package e2e

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/goja"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// TestNoFalseAlarms: what the demo, the documentation and the designer's own
// application do raises no alarm of the static analysis.
func TestNoFalseAlarms(t *testing.T) {
	engine := goja.New(goja.Config{})
	seen := 0
	check := func(where string, s node.Script) {
		t.Helper()
		findings, err := engine.Check(t.Context(), s)
		if err != nil {
			return // names of modules, and examples that show faults
		}
		seen++
		for _, f := range findings {
			t.Errorf("%s: %s\n%s", where, f.Fault(), s.Code)
		}
	}
	for _, pattern := range []string{
		"../internal/demo/files/*", "../../../README.md", "../../../docs/*.md", "../../../docs/es/*.md",
		"testdata/outward.json", "testdata/designer/*", "../../../../shared/fixtures/designer/*",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if info, err := os.Stat(name); err != nil || info.IsDir() {
				continue
			}
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			scriptsIn(t, name, string(content), check)
		}
	}
	t.Logf("%d scripts", seen)
	if seen < 30 {
		t.Errorf("only %d scripts were found", seen)
	}
}

// scriptsIn calls check for every script of a file.
func scriptsIn(t *testing.T, name, content string, check func(string, node.Script)) {
	t.Helper()
	switch filepath.Ext(name) {
	case ".js":
		check(name, node.Script{Code: content, Entry: "main"})
	case ".csv":
		rows, err := csv.NewReader(strings.NewReader(content)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if strings.Contains(cell, "function main") {
					check(name, node.Script{Code: cell, Entry: "main"})
				}
			}
		}
	case ".json":
		scriptsInJSON(name, content, check)
	case ".md":
		for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(content, -1) {
			scriptsInJSON(name, block[1], check)
		}
	}
}

func scriptsInJSON(name, content string, check func(string, node.Script)) {
	var v any
	if json.Unmarshal([]byte(content), &v) == nil {
		scriptsOf(name, v, check)
	}
}

func scriptsOf(name string, v any, check func(string, node.Script)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			scriptsOf(name, e, check)
		}
	case map[string]any:
		s := node.Script{}
		if language, ok := v["language"].(string); ok && strings.HasPrefix(language, "t") {
			s.Language = node.TypeScript
		}
		for key, e := range v {
			code, _ := e.(string)
			s.Code, s.Entry = code, "main"
			switch key {
			case "script":
				s.Entry = ""
				check(name, s)
			case "code", "default_js":
				check(name, s)
			default:
				scriptsOf(name, e, check)
			}
		}
	}
}
