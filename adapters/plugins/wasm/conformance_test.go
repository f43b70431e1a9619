package wasm_test

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/plugintest"
)

// compiler builds a program that compiles, without the race detector.
func compiler(t testing.TB) wasm.Command {
	t.Helper()
	path := filepath.Join(t.TempDir(), "compiler")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./testdata/compiler").CombinedOutput(); err != nil {
		t.Fatalf("build the compiler: %v\n%s", err, out)
	}
	return wasm.Command{Path: path}
}

func TestConformance(t *testing.T) {
	cfg := wasm.Config{CacheDir: t.TempDir(), Compiler: compiler(t), Log: quiet()}
	subject := plugintest.Subject{
		Artifact: plugintest.BuildWASM(t), Bounded: true, Sandboxed: true,
		Loader: func(t testing.TB) ports.PluginLoader {
			l, err := wasm.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			return l
		},
	}
	t.Run("compiler", func(t *testing.T) { plugintest.Run(t, subject) })
	t.Run("interpreter", func(t *testing.T) {
		if raceDetector {
			t.Skip("the race detector makes the interpreter crawl; TestCalls runs it")
		}
		subject.Tune = func(spec *ports.PluginSpec) { spec.Interpret = true }
		plugintest.Run(t, subject)
	})
}
