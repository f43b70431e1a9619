package scaffold_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/scaffold"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// TestBuildsAreTheSameAgain builds twice, in two places.
func TestBuildsAreTheSameAgain(t *testing.T) {
	each(t, func(t *testing.T, l scaffold.Language) {
		need(t, l)
		once, err := os.ReadFile(built(t, l, example(l)))
		if err != nil {
			t.Fatal(err)
		}
		b, err := scaffold.Build(t.Context(), scaffold.Order{Dir: begin(t, l), Environ: os.Environ()})
		if err != nil {
			t.Fatal(err)
		}
		again, err := os.ReadFile(b.Files[0])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once, again) {
			t.Errorf("%d bytes, then %d others", len(once), len(again))
		}
		info, err := os.Stat(b.Files[0])
		if err != nil || (l == scaffold.Python && info.Mode()&0o111 != 0o111) {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		left, _ := filepath.Glob(filepath.Join(filepath.Dir(b.Files[0]), ".nflow-build-*"))
		if len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// TestBuildNamesMissingTools hides all tools.
func TestBuildNamesMissingTools(t *testing.T) {
	want := map[scaffold.Language]string{
		scaffold.Go: "go is missing", scaffold.C: "apt-get install clang lld", scaffold.AssemblyScript: "apt-get install nodejs",
	}
	for l, text := range want {
		t.Run(string(l), func(t *testing.T) {
			dir := begin(t, l)
			t.Setenv("PATH", t.TempDir())
			_, err := scaffold.Build(t.Context(), scaffold.Order{Dir: dir, Environ: os.Environ()})
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("python", func(t *testing.T) {
		_, err := scaffold.Build(t.Context(), scaffold.Order{Dir: begin(t, scaffold.Python), Python: "/bin/false", Environ: os.Environ()})
		if err == nil || !strings.Contains(err.Error(), "apt-get install python3 python3-grpcio") {
			t.Errorf("%v", err)
		}
	})
}

func TestBuildRefuses(t *testing.T) {
	need(t, scaffold.C)
	change := func(name, text string) func(*testing.T) scaffold.Order {
		return func(t *testing.T) scaffold.Order {
			dir := begin(t, scaffold.C)
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return scaffold.Order{Dir: dir}
		}
	}
	for _, tt := range []struct {
		name  string
		order func(t *testing.T) scaffold.Order
		want  string
	}{
		{"no project", func(t *testing.T) scaffold.Order { return scaffold.Order{Dir: t.TempDir()} }, "holds no plugin"},
		{"no directory", func(*testing.T) scaffold.Order { return scaffold.Order{Dir: "/nobody/here"} }, "/nobody"},
		{"a target C cannot be", func(t *testing.T) scaffold.Order {
			return scaffold.Order{Dir: begin(t, scaffold.C), Target: scaffold.Native}
		}, "--target native: plugins in c can only be wasm"},
		{"a target Python cannot be", func(t *testing.T) scaffold.Order {
			return scaffold.Order{Dir: begin(t, scaffold.Python), Target: scaffold.Wasm}
		}, "can only be native"},
		{"an unknown target", func(t *testing.T) scaffold.Order {
			return scaffold.Order{Dir: begin(t, scaffold.C), Target: "all of them"}
		}, "choose wasm, native or all"},
		{"a broken manifest", change("nflow-plugin.json", `{"name":"A","version":"1.0.0","abi":1}`), "name"},
		{"broken source", change("main.c", "int x = ;\n"), "main.c:1"},
		{"a member without its import", change("main.c", "#include \"nflow.h\"\nint nobody(void);\nNFLOW_EXPORT(\"f\") int f(void) { return nobody(); }\n"), "nobody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := tt.order(t)
			o.Environ = os.Environ()
			_, err := scaffold.Build(t.Context(), o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(o.Dir, "*.wasm")); len(left) > 0 {
				t.Errorf("%v was written", left)
			}
		})
	}
}

// TestBuildKeepsPluginsApart builds into the directory of another plugin.
func TestBuildKeepsPluginsApart(t *testing.T) {
	need(t, scaffold.C)
	out := t.TempDir()
	o := scaffold.Order{Dir: begin(t, scaffold.C), Out: out, Environ: os.Environ()}
	for range 2 { // the same plugin again is fine
		if _, err := scaffold.Build(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	o.Dir = probe(scaffold.C)
	b, err := scaffold.Build(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(out, "probe.nflow-plugin.json"); b.Described != want {
		t.Errorf("the manifest is %s, want %s", b.Described, want)
	}
	for name, want := range map[string]string{"nflow-plugin.json": "hello-c", "probe.nflow-plugin.json": "probe"} {
		raw, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if m, err := plugin.ParseManifest(raw); err != nil || m.Name != want {
			t.Errorf("%s is that of %s: %v", name, m.Name, err)
		}
	}
}

// TestNewProjectsHoldTheirManifest wants a build to change nothing in it.
func TestNewProjectsHoldTheirManifest(t *testing.T) {
	for _, l := range scaffold.Languages() {
		t.Run(string(l), func(t *testing.T) {
			need(t, l)
			dir := begin(t, l)
			path := filepath.Join(dir, scaffold.ManifestName)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := scaffold.Build(t.Context(), scaffold.Order{Dir: dir, Environ: os.Environ()}); err != nil {
				t.Fatal(err)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("%v; it is now\n%s", err, after)
			}
		})
	}
}
