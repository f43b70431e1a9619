package architecture_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/arturoeanton/nflow-runtime/internal/architecture"
)

// house is a small table with one room of each kind.
const house = `
| room | may import (ours) | may import (others) | goroutines | package vars |
|---|---|---|---|---|
| core/a | - | quiet | no | none |
| core/b | core/a | quiet | no | none |
| edge | core/* | std !os.Exit example.com/lib | yes | fixed |
| main (planned) | core/* edge | any | yes | any |
| help | core/* | any | yes | any |
| *_test.go | help | std example.com/check | yes | any |

| set | holds |
|---|---|
| quiet | std !os/... !net !net/http/... !time.Now !fmt.Print* |
`

func newHouse(t *testing.T, table string) architecture.Plan {
	t.Helper()
	plan, err := architecture.Parse("example.com/house", table)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestRules(t *testing.T) {
	plan := newHouse(t, house)
	tests := []struct {
		name string
		file string
		src  string
		want string // part of the fault; empty when the file is fine
	}{
		{"inner room", "core/b/x.go", `import "example.com/house/core/a"`, ""},
		{"outer room", "core/a/x.go", `import "example.com/house/core/b"`, "core/a may not import core/b"},
		{"own subfolder", "edge/x.go", `import "example.com/house/edge/part"`, ""},
		{"wildcard", "edge/x.go", `import "example.com/house/core/b"`, ""},
		{"subfolder keeps the rule", "core/a/deep/x.go", `import "example.com/house/edge"`, "may not import edge"},
		{"similar name is no room", "corex/x.go", ``, "has no row"},
		{"unknown import", "edge/x.go", `import "example.com/house/attic"`, "has no row"},
		{"folder without row", "attic/x.go", ``, "has no row"},
		{"test support in production", "edge/x.go", `import "example.com/house/help"`, "may not import help"},
		{"test support in a test", "edge/x_test.go", `import "example.com/house/help"`, ""},
		{"test still may not reach out", "core/a/x_test.go", `import "example.com/house/edge"`, "may not import edge"},

		{"std", "core/a/x.go", `import "strings"`, ""},
		{"forbidden std", "core/a/x.go", `import "os"`, "may not import os"},
		{"forbidden below", "core/a/x.go", `import "os/exec"`, "may not import os/exec"},
		{"exact entry leaves the rest", "core/a/x.go", `import "net/netip"`, ""},
		{"forbidden exact", "core/a/x.go", `import "net"`, "may not import net"},
		{"forbidden std in a test", "core/a/x_test.go", `import "os"`, ""},
		{"library", "edge/x.go", `import "example.com/lib/sub"`, ""},
		{"library with a longer name", "edge/x.go", `import "example.com/library"`, "may not import example.com/library"},
		{"library in the core", "core/a/x.go", `import "example.com/lib"`, "may not import example.com/lib"},
		{"test library", "core/a/x_test.go", `import "example.com/check"`, ""},
		{"test library in production", "core/a/x.go", `import "example.com/check"`, "may not import example.com/check"},
		{"dot import", "core/a/x.go", `import . "strings"`, "dot import"},

		{"forbidden function", "core/a/x.go", `import "time"; func f() { time.Now() }`, "may not use time.Now"},
		{"forbidden function as value", "core/a/x.go", `import "time"; func f() any { return time.Now }`, "may not use time.Now"},
		{"forbidden under another name", "core/a/x.go", `import t "time"; func f() { t.Now() }`, "may not use time.Now"},
		{"forbidden by star", "core/a/x.go", `import "fmt"; func f() { fmt.Println() }`, "may not use fmt.Println"},
		{"beside the star", "core/a/x.go", `import "fmt"; func f() { fmt.Sprint() }`, ""},
		{"type of that package", "core/a/x.go", `import "time"; type D time.Duration`, ""},
		{"local variable hides it", "core/a/x.go", `import _ "time"; func f(time struct{ Now func() }) { time.Now() }`, ""},
		{"forbidden function in a test", "core/a/x_test.go", `import "time"; func f() { time.Now() }`, ""},

		{"goroutine", "core/a/x.go", `func f() { go f() }`, "may not start goroutines"},
		{"goroutine in a closure", "core/a/x.go", `func f() { func() { go f() }() }`, "may not start goroutines"},
		{"goroutine where allowed", "edge/x.go", `func f() { go f() }`, ""},
		{"goroutine in a test", "core/a/x_test.go", `func f() { go f() }`, ""},

		{"init", "edge/x.go", `func init() {}`, "func init"},
		{"method init", "edge/x.go", `type T int; func (T) init() {}`, ""},
		{"variable", "core/a/x.go", `var n = 1`, "package variable n"},
		{"second variable", "core/a/x.go", `import "errors"; var e, n = errors.New(""), 1`, "package variable n"},
		{"variable in a function", "core/a/x.go", `func f() { var n = 1; _ = n }`, ""},
		{"constant", "core/a/x.go", `const n = 1`, ""},
		{"interface check", "core/a/x.go", `var _ error = (*T)(nil)`, ""},
		{"hidden call", "core/a/x.go", `var _ = f()`, "package variable _"},
		{"sentinel", "core/a/x.go", `import "errors"; var ErrX = errors.New("x")`, ""},
		{"regexp in none", "core/a/x.go", `import "regexp"; var r = regexp.MustCompile("")`, "package variable r"},
		{"regexp in fixed", "edge/x.go", `import "regexp"; var r = regexp.MustCompile("")`, ""},
		{"embed in fixed", "edge/x.go", "import _ \"embed\"\n//go:embed x\nvar text string", ""},
		{"embed in none", "core/a/x.go", "import _ \"embed\"\n//go:embed x\nvar text string", "package variable text"},
		{"version in fixed", "edge/x.go", `var version = "dev"`, ""},
		{"map in fixed", "edge/x.go", `var m = map[int]int{}`, "package variable m"},
		{"variable in any", "help/x.go", `var n = 1`, ""},
		{"variable in a test", "core/a/x_test.go", `var n = 1`, ""},
		{"syntax error", "edge/x.go", `func (`, "expected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(plan.CheckFile(tt.file, []byte("package x\n"+tt.src)), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("faults: %q\nwant: %q", got, tt.want)
			}
		})
	}
}

func TestTree(t *testing.T) {
	bad := &fstest.MapFile{Data: []byte("package x\nvar n = 1")}
	tree := fstest.MapFS{
		"core/a/x.go":          bad,
		"core/b/y.txt":         bad,
		"edge/testdata/x.go":   bad,
		"edge/.hidden/x.go":    bad,
		"edge/other/go.mod":    bad,
		"edge/other/x.go":      bad,
		"edge/vendor/x/x.go":   bad,
		"attic/x.go":           bad,
		"core/a/_skipped/x.go": bad,
	}
	faults, err := newHouse(t, house).CheckTree(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"room help has no folder", `"attic" has no row`, "core/a/x.go:2:"}
	if len(faults) != len(want) {
		t.Fatalf("faults: %q", faults)
	}
	for i := range want {
		if !strings.Contains(faults[i], want[i]) {
			t.Errorf("fault %d: %q, want %q", i, faults[i], want[i])
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, replace, by, want string }{
		{"unknown room", "| core/a | quiet", "| core/z | quiet", `"core/z" names no room`},
		{"goroutines", "| yes | fixed", "| maybe | fixed", "want yes or no"},
		{"package vars", "| no | none", "| no | some", "want none, fixed or any"},
		{"missing cell", "| no | none |", "| no |", "want 5 cells"},
		{"no table", "| room", "| chamber", "no rooms table"},
		{"set cells", "| quiet | std", "| quiet | std | std", "want 2 cells"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := architecture.Parse("example.com/house", strings.Replace(house, tt.replace, tt.by, 1))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error: %v, want %q", err, tt.want)
			}
		})
	}
}

func TestGeneratedCodeMayHaveInit(t *testing.T) {
	const generated = "// Code generated by a tool. DO NOT EDIT.\n\npackage x\n\nfunc init() {}\nvar n = 1"
	got := newHouse(t, house).CheckFile("edge/x.go", []byte(generated))
	if len(got) != 1 || !strings.Contains(got[0], "package variable n") {
		t.Errorf("faults: %q, want one about the variable", got)
	}
}
