package plugintest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// BuildWASM builds the probe as a WebAssembly module. It takes a second or two;
// keep what it returns.
func BuildWASM(t testing.TB) []byte {
	t.Helper()
	return build(t, []string{"-buildmode=c-shared"}, "GOOS=wasip1", "GOARCH=wasm")
}

// BuildNative builds the probe as a program for this machine. It takes a second
// or two; keep what it returns.
func BuildNative(t testing.TB) []byte {
	t.Helper()
	return build(t, nil)
}

// build runs the Go compiler in the probe's folder.
func build(t testing.TB, flags []string, env ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "probe")
	args := append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", out}, flags...)
	cmd := exec.CommandContext(t.Context(), "go", append(args, ".")...)
	cmd.Dir = probeFolder(t)
	cmd.Env = append(append(cmd.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off"), env...)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the probe: %v\n%s", err, b)
	}
	artifact, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return artifact
}

// probeFolder is where the probe's source is.
func probeFolder(t testing.TB) string {
	t.Helper()
	_, here, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(here) {
		t.Fatal("the tests were built with -trimpath, so the probe's source cannot be found")
	}
	return filepath.Join(filepath.Dir(here), "testdata", "probe")
}

// Manifest is the probe's manifest as its nflow-plugin.json holds it.
func Manifest(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(probeFolder(t), "nflow-plugin.json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
