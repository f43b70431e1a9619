package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/wasmtest"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/cli"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/kit"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

const fixedManifest = `{"name": "fixed", "version": "1.0.0", "abi": 1, "description": "Always\u001b[31m the same.",
	"nodes": [{"type": "n", "description": "a node"}], "actions": [{"name": "a"}],
	"capabilities": {"http": ["api.example.com"], "fs": ["/data"]}, "optional_capabilities": {"kv": ["space"], "http": ["*.example.org"]}}`

// fixed is a module that answers every call with the same error.
func fixed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	module := wasmtest.Fixed(`{"error":{"code":"not_found","message":"there is nothing"}}`, "").Bytes()
	for name, content := range map[string][]byte{"fixed.wasm": module, "nflow-plugin.json": []byte(fixedManifest)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "fixed.wasm")
}

// command runs a command with a cache and a directory of its own.
func command(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var out, problems bytes.Buffer
	code = cli.Main(t.Context(), cli.Process{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &problems})
	return code, out.String(), problems.String()
}

func TestInspectPlugin(t *testing.T) {
	path := fixed(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	code, got, problems := command(t, "plugin", "inspect", path)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, problems)
	}
	got = regexp.MustCompile(` +`).ReplaceAllString(got, " ") // columns
	for _, want := range []string{
		"fixed 1.0.0\nAlways [31m the same.\n",
		"kind WebAssembly module, ",
		"SHA-256 " + plugin.Digest(content),
		"signature none",
		"node fixed.n a node",
		"action POST /api/plugin/fixed/a",
		"needs http api.example.com",
		"can use kv space",
		"nflow_abi_version nflow_call",
		"nflow_v1.output_write",
		"[[plugins]]\nname = \"fixed\"\npath = \"" + path + "\"\nsha256 = { any = \"" + plugin.Digest(content) + "\" }\n",
		"\n[plugins.grants]\nhttp = [\"api.example.com\"] # it can do without, but would use: \"*.example.org\"\n",
		"\nkv = [] # it can do without, but would use: \"space\"\n",
		"\nfs = [\"/data=/directory/of/this/host\"]\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Error("a manifest can draw on the terminal")
	}
	if strings.Contains(got, "problem") {
		t.Errorf("the module is refused:\n%s", got)
	}
}

func TestTryPluginFails(t *testing.T) {
	path := fixed(t)
	code, got, problems := command(t, "plugin", "test", path)
	if code != 1 || !strings.Contains(problems, "cases failed") {
		t.Errorf("exit code %d: %s", code, problems)
	}
	for _, want := range []string{
		"ok      the artifact starts\n",
		"FAIL    describe equals the manifest\n        plugin fixed: there is nothing\n        to mend it: write nflow-plugin.json anew",
		"skip    everything has an example\n",
		"\nfixed 1.0.0: ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	code, got, _ = command(t, "plugin", "test", path, "--json")
	var r kit.Report
	if err := json.Unmarshal([]byte(got), &r); err != nil || code != 1 {
		t.Fatalf("exit code %d, %v: %s", code, err, got)
	}
	if r.Plugin != "fixed" || r.Count(kit.Failed) == 0 || r.Count(kit.OK) < 20 {
		t.Errorf("%d ok and %d failed of %s", r.Count(kit.OK), r.Count(kit.Failed), r.Plugin)
	}
}

func TestTryPluginUsage(t *testing.T) {
	path := fixed(t)
	for want, args := range map[string][]string{
		"neither inproc nor process":   {path, "--isolation", "docker"},
		"--settings is no JSON object": {path, "--settings", "[1]"},
		"--timeout must be":            {path, "--timeout", "0s"},
		"--memory-mb must not":         {path, "--memory-mb", "-1"},
		"accepts 1 arg(s)":             {},
	} {
		if code, _, problems := command(t, append([]string{"plugin", "test"}, args...)...); code != 2 || !strings.Contains(problems, want) {
			t.Errorf("%v: exit code %d: %s", args, code, problems)
		}
	}
	if code, _, problems := command(t, "plugin", "test", filepath.Join(t.TempDir(), "none.wasm")); code != 1 || !strings.Contains(problems, "does not exist") {
		t.Errorf("exit code %d: %s", code, problems)
	}
}

// TestTryPluginPasses tries an example that is built as its readers would.
func TestTryPluginPasses(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a plugin")
	}
	const source = "../../../../examples/plugins/tables"
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "tables"), ".")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	manifest, err := os.ReadFile(filepath.Join(source, "nflow-plugin.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nflow-plugin.json"), manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	code, got, problems := command(t, "plugin", "test", filepath.Join(dir, "tables"))
	if code != 0 || !strings.Contains(got, ", 0 failed, ") {
		t.Errorf("exit code %d: %s\n%s", code, problems, got)
	}
}
