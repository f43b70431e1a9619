package scaffold_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// root is a checkout of nFlow: this one.
const root = "../../../.."

// begin writes a project called hello-LANGUAGE.
func begin(t testing.TB, l scaffold.Language) string {
	t.Helper()
	p := scaffold.Project{Language: l, Name: "hello-" + string(l), Dir: filepath.Join(t.TempDir(), "new")}
	if l == scaffold.Go {
		p.SDK = root
	}
	if _, err := scaffold.New(p); err != nil {
		t.Fatal(err)
	}
	return p.Dir
}

// TestNewProjectsAreTheExamples wants the examples to be what everybody begins
// with. Where an example links to the SDK, a project has a copy.
func TestNewProjectsAreTheExamples(t *testing.T) {
	each(t, func(t *testing.T, l scaffold.Language) {
		dir := begin(t, l)
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) < 5 {
			t.Fatal(len(entries), err)
		}
		for _, e := range entries {
			got, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(example(l), e.Name()))
			if err != nil {
				t.Errorf("%v; copy it from a new project", err)
			} else if !bytes.Equal(got, want) {
				t.Errorf("%s of the example is not that of a new project", e.Name())
			}
			if bytes.Contains(got, []byte("PLUGIN_NAME")) {
				t.Errorf("%s holds a placeholder", e.Name())
			}
		}
	})
}

func TestLockFilesNameNoRegistry(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(example(scaffold.AssemblyScript), "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if strings.Contains(line, `"resolved"`) && !strings.Contains(line, `"https://registry.npmjs.org/`) {
			t.Errorf("%s is fetched from a place of somebody's own", strings.TrimSpace(line))
		}
	}
	if strings.Count(string(b), `"integrity"`) != 3 {
		t.Error("not every package is pinned by its digest")
	}
}

func TestNewGoProjectBuilds(t *testing.T) {
	need(t, scaffold.Go)
	dir := begin(t, scaffold.Go)
	b, err := scaffold.Build(t.Context(), scaffold.Order{Dir: dir, Environ: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Files) != 2 || filepath.Base(b.Files[0]) != "hello-go" || filepath.Base(b.Files[1]) != "hello-go.wasm" {
		t.Fatalf("built %v", b.Files)
	}
	g := openGuest(t, b.Files[1])
	for _, n := range b.Manifest.Nodes {
		for _, e := range n.Examples {
			h := wire.Request{Op: wire.Node, Name: n.Type}
			if !e.Params.IsZero() {
				h.Params = e.Params.Bytes()
			}
			alike(t, ask(t, g, h, string(e.Payload.Bytes()), nil).outcome(), string(e.Result.Bytes()))
		}
	}
	raw, err := os.ReadFile(b.Described)
	if err != nil {
		t.Fatal(err)
	}
	m, err := plugin.ParseManifest(raw)
	if err != nil {
		t.Fatal(err)
	}
	described, err := plugin.ParseManifest([]byte(ask(t, g, wire.Request{Op: wire.Describe}, "", nil).outcome()))
	if err != nil || described.Difference(m) != "" {
		t.Errorf("%v; %s differs", err, described.Difference(m))
	}
	c := exec.CommandContext(t.Context(), "go", "test", "./...")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("its tests: %v\n%s", err, out)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct {
		name    string
		project scaffold.Project
		want    string
	}{
		{"a name that is none", scaffold.Project{Language: scaffold.C, Name: "Hello World"}, `"Hello World" is no name for a plugin`},
		{"an SDK for C", scaffold.Project{Language: scaffold.C, Name: "a", SDK: root}, "--sdk is for plugins in Go"},
		{"a development build", scaffold.Project{Language: scaffold.Go, Name: "a", Version: "(devel)"}, "--sdk"},
		{"a build of a commit", scaffold.Project{Language: scaffold.Go, Name: "a", Version: "v0.0.0-20260102030405-0123456789ab"}, "--sdk"},
		{"a build of changes", scaffold.Project{Language: scaffold.Go, Name: "a", Version: "v1.2.0+dirty"}, "--sdk"},
		{"no checkout", scaffold.Project{Language: scaffold.Go, Name: "a", SDK: t.TempDir()}, "is no checkout of nFlow"},
		{"another checkout", scaffold.Project{Language: scaffold.Go, Name: "a", SDK: filepath.Join(root, "examples/plugins")}, "is no checkout of nFlow"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.project.Dir = filepath.Join(t.TempDir(), "new")
			_, err := scaffold.New(tt.project)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v", err)
			}
			if _, err := os.Stat(tt.project.Dir); err == nil {
				t.Error("something was written")
			}
		})
	}
}

func TestNewOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "nflow-plugin.json")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := scaffold.New(scaffold.Project{Language: scaffold.C, Name: "a", Dir: dir})
	if err == nil || !strings.Contains(err.Error(), mine+" exists") {
		t.Errorf("%v", err)
	}
	if b, _ := os.ReadFile(mine); string(b) != "mine" {
		t.Errorf("it holds %q", b)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files", len(entries))
	}
}

func TestNewGoProjectOfARelease(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := scaffold.New(scaffold.Project{Language: scaffold.Go, Name: "greeter", Dir: dir, Version: "v1.2.0-rc.1"}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.Contains(string(b), "require github.com/arturoeanton/nflow-runtime v1.2.0-rc.1\n") || strings.Contains(string(b), "replace") {
		t.Errorf("%v: %s", err, b)
	}
}

func TestParseLanguage(t *testing.T) {
	for _, l := range scaffold.Languages() {
		if got, err := scaffold.ParseLanguage(string(l)); err != nil || got != l {
			t.Errorf("%s: %v, %v", l, got, err)
		}
	}
	if _, err := scaffold.ParseLanguage("rust"); err == nil || !strings.Contains(err.Error(), "choose go, c") {
		t.Errorf("%v", err)
	}
}
