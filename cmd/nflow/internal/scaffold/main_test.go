package scaffold_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
)

// shared is where projects are built once for all tests, those in the processes
// of a fuzz target included, which find it in sharedKey.
var shared string

const sharedKey = "NFLOW_TEST_SCAFFOLD"

func TestMain(m *testing.M) {
	if shared = os.Getenv(sharedKey); shared != "" {
		os.Exit(m.Run())
	}
	var err error
	if shared, err = os.MkdirTemp("", "nflow-scaffold-"); err == nil {
		err = os.Setenv(sharedKey, shared)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(shared)
	os.Exit(code)
}

// examples is where the example plugins are.
const examples = "../../../../examples/plugins"

// need skips a test without a tool; CI has all of them.
func need(t testing.TB, l scaffold.Language) {
	t.Helper()
	tools := map[scaffold.Language][]string{
		scaffold.Go: {"go"}, scaffold.C: {"clang", "wasm-ld"}, scaffold.AssemblyScript: {"node", "npm"}, scaffold.Python: {"python3"},
	}
	missing := func(what string) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing; scripts/deps.sh installs it", what)
		}
		t.Skipf("%s is missing; scripts/deps.sh installs it", what)
	}
	for _, name := range tools[l] {
		if _, err := exec.LookPath(name); err != nil {
			missing(name)
		}
	}
	if l == scaffold.Python && exec.Command("/usr/bin/python3", "-c", "import grpc").Run() != nil && exec.Command("python3", "-c", "import grpc").Run() != nil {
		missing("python3-grpcio")
	}
}

var builds sync.Map // of *build by directory

type build struct {
	once     sync.Once
	artifact string
	err      error
}

// built builds a project once, and gives its artifact.
func built(t testing.TB, l scaffold.Language, dir string) string {
	t.Helper()
	need(t, l)
	v, _ := builds.LoadOrStore(dir, &build{})
	b := v.(*build)
	b.once.Do(func() {
		out := filepath.Join(shared, filepath.Base(dir))
		for _, pattern := range []string{"*.wasm", "*.pyz"} {
			if list, _ := filepath.Glob(filepath.Join(out, pattern)); len(list) > 0 {
				b.artifact = list[0]
				return
			}
		}
		made, err := scaffold.Build(t.Context(), scaffold.Order{Dir: dir, Out: out, Environ: os.Environ()})
		if b.err = err; err == nil {
			b.artifact = made.Files[0]
		}
	})
	if b.err != nil {
		t.Fatalf("build %s: %v", dir, b.err)
	}
	return b.artifact
}

func example(l scaffold.Language) string { return filepath.Join(examples, "hello-"+string(l)) }

func probe(l scaffold.Language) string { return filepath.Join("testdata", "probe-"+string(l)) }
