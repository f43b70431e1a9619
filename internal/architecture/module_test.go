package architecture_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/internal/architecture"
)

const root = "../.."

func TestModuleKeepsToItsRooms(t *testing.T) {
	faults, err := modulePlan(t).CheckTree(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
}

func TestEveryRoomHasALintRule(t *testing.T) {
	config := read(t, ".golangci.yml")
	for _, room := range modulePlan(t).Rooms() {
		if glob := "/" + room + "/**"; room != "internal" && !strings.Contains(config, glob) {
			t.Errorf(".golangci.yml: no depguard rule holds a files entry that ends with %q", glob)
		}
	}
}

func modulePlan(t *testing.T) architecture.Plan {
	t.Helper()
	module, _, _ := strings.Cut(strings.TrimPrefix(read(t, "go.mod"), "module "), "\n")
	plan, err := architecture.Parse(strings.TrimSpace(module), read(t, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
