package files_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// tree writes files; a name that ends with * is a program, with / a directory.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, strings.TrimSuffix(name, "*"))
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o755))
			continue
		}
		mode := os.FileMode(0o644)
		if strings.HasSuffix(name, "*") {
			mode = 0o755
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte("content of "+strings.TrimSuffix(name, "*")), mode))
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadPlugin(t *testing.T) {
	platform := runtime.GOOS + "-" + runtime.GOARCH
	rows := []struct {
		name, path string
		tree       []string
		want       [3]string // artifact, manifest, signature
	}{
		{"beside", "a.wasm", []string{"a.wasm", "nflow-plugin.json", "nflow-plugin.sig"}, [3]string{"a.wasm", "nflow-plugin.json", "nflow-plugin.sig"}},
		{"not signed", "a.wasm", []string{"a.wasm", "nflow-plugin.json"}, [3]string{"a.wasm", "nflow-plugin.json"}},
		{"of its name", "a.wasm", []string{"a.wasm", "a.nflow-plugin.json", "a.nflow-plugin.sig", "nflow-plugin.json", "nflow-plugin.sig"},
			[3]string{"a.wasm", "a.nflow-plugin.json", "a.nflow-plugin.sig"}},
		{"of its name, not signed", "a.wasm", []string{"a.wasm", "a.nflow-plugin.json", "nflow-plugin.sig"}, [3]string{"a.wasm", "a.nflow-plugin.json"}},
		{"program", "a", []string{"a*", "a.nflow-plugin.json"}, [3]string{"a", "a.nflow-plugin.json"}},
		{"program with a point", "a-1.2", []string{"a-1.2*", "a-1.2.nflow-plugin.json"}, [3]string{"a-1.2", "a-1.2.nflow-plugin.json"}},
		{"script", "a.py", []string{"a.py*", "a.nflow-plugin.json"}, [3]string{"a.py", "a.nflow-plugin.json"}},
		{"module of a directory", ".", []string{"a*", "a.wasm", "nflow-plugin.json"}, [3]string{"a.wasm", "nflow-plugin.json"}},
		{"program of a directory", ".", []string{"a*", "main.go", "nflow-plugin.json"}, [3]string{"a", "nflow-plugin.json"}},
		{"programs for platforms", ".", []string{"a-plan9-mips*", "a-" + platform + "*", "nflow-plugin.json"}, [3]string{"a-" + platform, "nflow-plugin.json"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			f, err := files.Files{}.ReadPlugin(filepath.Join(tree(t, row.tree...), row.path))
			must(t, err)
			want := ports.PluginFile{Artifact: content(row.want[0]), Manifest: content(row.want[1]), Signature: content(row.want[2])}
			if diff := cmp.Diff(want, f); diff != "" {
				t.Errorf("plugin (-want +got):\n%s", diff)
			}
		})
	}
}

func content(name string) []byte {
	if name == "" {
		return nil
	}
	return []byte("content of " + name)
}

func TestPluginsThatCannotBeRead(t *testing.T) {
	rows := []struct {
		name, path string
		tree       []string
		code       fault.Code
		text       string
	}{
		{"nothing", "a.wasm", nil, fault.NotFound, "a.wasm does not exist"},
		{"no manifest", "a.wasm", []string{"a.wasm"}, fault.NotFound, "has no manifest: neither DIR/a.nflow-plugin.json nor DIR/nflow-plugin.json is there"},
		{"manifest is a directory", "a.wasm", []string{"a.wasm", "nflow-plugin.json/"}, fault.Invalid, "the manifest DIR/nflow-plugin.json is no regular file"},
		{"signature is a directory", "a.wasm", []string{"a.wasm", "nflow-plugin.json", "nflow-plugin.sig/"}, fault.Invalid, "the signature DIR/nflow-plugin.sig is no regular file"},
		{"two modules", ".", []string{"a.wasm", "b.wasm", "nflow-plugin.json"}, fault.Invalid, "does not hold exactly one plugin"},
		{"empty directory", ".", []string{"nflow-plugin.json"}, fault.Invalid, "does not hold exactly one plugin"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			dir := tree(t, row.tree...)
			_, err := files.Files{}.ReadPlugin(filepath.Join(dir, row.path))
			if text := strings.ReplaceAll(row.text, "DIR", dir); fault.CodeOf(err) != row.code || !strings.Contains(err.Error(), text) {
				t.Errorf("error %v (%s), want %s: %s", err, fault.CodeOf(err), row.code, text)
			}
		})
	}
}

func TestFilesOfAnySizeAreBounded(t *testing.T) {
	for name, length := range map[string]int64{"a.wasm": files.MaxArtifact, "nflow-plugin.json": 1 << 20, "nflow-plugin.sig": 64 << 10} {
		for more, wrong := range map[int64]string{1: "is larger than", -length: "is empty"} {
			dir := tree(t, "a.wasm", "nflow-plugin.json", "nflow-plugin.sig")
			must(t, os.Truncate(filepath.Join(dir, name), length+more))
			_, err := files.Files{}.ReadPlugin(filepath.Join(dir, "a.wasm"))
			if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), wrong) {
				t.Errorf("%s of %d bytes: %v", name, length+more, err)
			}
		}
	}
}

func TestDevicesAreNoPlugins(t *testing.T) {
	dir := tree(t, "nflow-plugin.json")
	must(t, os.Symlink("/dev/zero", filepath.Join(dir, "a.wasm")))
	_, err := files.Files{}.ReadPlugin(filepath.Join(dir, "a.wasm"))
	if fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("error %v", err)
	}
}

func TestListPlugins(t *testing.T) {
	dir := tree(t, "b.wasm", "b*", "b.nflow-plugin.json", "b.nflow-plugin.sig", "a*", "a.nflow-plugin.json", "README.md", ".hidden.wasm",
		"sub/nflow-plugin.json", "sub/x.wasm", "sub/x*", "sub/x.go", "notes/x.wasm",
		"twice/nflow-plugin.json", "twice/x*", "twice/y*", ".git/nflow-plugin.json", ".git/x.wasm")
	got, err := files.Files{}.ListPlugins(dir)
	must(t, err)
	for i := range got {
		got[i], err = filepath.Rel(dir, got[i])
		must(t, err)
	}
	if diff := cmp.Diff([]string{"a", "b.wasm", "sub/x.wasm", "twice"}, got); diff != "" {
		t.Errorf("plugins (-want +got):\n%s", diff)
	}
	if _, err := (files.Files{}).ListPlugins(filepath.Join(dir, "none")); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("error %v", err)
	}
	if _, err := (files.Files{}).ListPlugins(filepath.Join(dir, "b.wasm")); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("error %v", err)
	}
}
