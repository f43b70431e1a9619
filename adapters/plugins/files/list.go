package files

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// ListPlugins implements ports.PluginFiles: the modules and programs in a
// directory, and those of its directories that hold a manifest. A program beside
// a module of its name is left out, and a hidden file too. A directory whose
// artifact cannot be told stands there itself; ReadPlugin says what is wrong with
// it.
func (Files) ListPlugins(dir string) ([]string, error) {
	const what = "the directory of plugins"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, problem(err, what, dir)
	}
	paths := artifacts(dir, entries)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err != nil || !info.IsDir() || hidden(e.Name()) {
			continue
		}
		if _, err := os.Stat(filepath.Join(path, manifestName)); err != nil {
			continue
		}
		if artifact, err := Artifact(path); err == nil {
			path = artifact
		}
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths, nil
}

// Artifact is a path itself, or the one artifact in a directory that runs here:
// a module, or else a program, if there are several the one for this platform,
// such as hello-linux-amd64. Code not_found, invalid.
func Artifact(path string) (string, error) {
	const what = "the plugin"
	info, err := os.Stat(path)
	if err != nil {
		return "", problem(err, what, path)
	}
	if !info.IsDir() {
		return path, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", problem(err, what, path)
	}
	found := artifacts(path, entries)
	if modules := only(found, isModule); len(modules) > 0 {
		found = modules
	}
	if len(found) > 1 {
		found = only(found, forThisPlatform)
	}
	if len(found) != 1 {
		return "", fault.New(fault.Invalid, "the directory %s does not hold exactly one plugin for %s/%s; name the file", path, runtime.GOOS, runtime.GOARCH)
	}
	return found[0], nil
}

// artifacts are the modules and programs among the entries of a directory.
func artifacts(dir string, entries []os.DirEntry) []string {
	var found []string
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() || hidden(e.Name()) {
			continue
		}
		if isModule(path) || isProgram(path, info) {
			found = append(found, path)
		}
	}
	return only(found, func(path string) bool {
		return isModule(path) || !slices.Contains(found, stem(path)+".wasm")
	})
}

func only(paths []string, keep func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return !keep(path) })
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

func isModule(path string) bool { return strings.HasSuffix(path, ".wasm") }

func isProgram(path string, info os.FileInfo) bool {
	if runtime.GOOS == "windows" {
		return strings.HasSuffix(path, ".exe")
	}
	return info.Mode()&0o111 != 0
}

func forThisPlatform(path string) bool {
	name := strings.ReplaceAll(filepath.Base(stem(path)), "_", "-")
	return strings.HasSuffix(name, "-"+runtime.GOOS+"-"+runtime.GOARCH)
}
