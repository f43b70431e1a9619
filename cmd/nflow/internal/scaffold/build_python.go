package scaffold

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// pythonMaker packs a project into one executable file. The program tells the
// manifest.
type pythonMaker struct{}

func (pythonMaker) targets() []Target { return []Target{Native} }

func (pythonMaker) make(ctx context.Context, w *workshop) ([]byte, []string, error) {
	python, err := interpreter(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	archive, err := zipapp(w.Dir, python)
	if err != nil {
		return nil, nil, err
	}
	program := filepath.Join(w.tmp, "program.pyz")
	if err := os.WriteFile(program, archive, 0o755); err != nil { //nolint:gosec // it is a program
		return nil, nil, err
	}
	raw, err := w.ask(ctx, python, program, "manifest")
	if err != nil {
		return nil, nil, err
	}
	m, err := plugin.ParseManifest(raw)
	if err != nil {
		return nil, nil, err
	}
	artifact := m.Name + ".pyz"
	return raw, []string{artifact}, os.Rename(program, filepath.Join(w.tmp, artifact))
}

// maxShebang is how long the first line of a program may be on every Linux.
const maxShebang = 127

// interpreter finds a Python that starts without an environment, as plugins
// have none, and has grpcio.
func interpreter(ctx context.Context, w *workshop) (string, error) {
	candidates := []string{w.Python}
	if w.Python == "" {
		candidates = []string{"python3", "/usr/bin/python3"}
	}
	var problems []error
	for _, name := range candidates {
		path, err := probe(ctx, w, name)
		if err == nil {
			return path, nil
		}
		problems = append(problems, err)
	}
	return "", fmt.Errorf("no Python for the plugin: %w; on Debian or Ubuntu: apt-get install python3 python3-grpcio, or name another with --python", errors.Join(problems...))
}

// probe gives the program behind a name such as python3, which may be a script
// that chooses one by the environment.
func probe(ctx context.Context, w *workshop, name string) (string, error) {
	c := exec.CommandContext(ctx, name, "-c", "import sys; print(sys.executable)")
	c.Env, c.Dir = slices.Clone(w.Environ), w.Dir
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	path := strings.TrimSpace(string(out))
	if !filepath.IsAbs(path) || strings.ContainsAny(path, " \t\n") || len(path)+len("#!\n") > maxShebang {
		return "", fmt.Errorf("%s is %q, which cannot stand in the first line of a program", name, path)
	}
	if _, err := w.ask(ctx, path, "-c", "import grpc"); err != nil {
		return "", fmt.Errorf("%s has no grpcio", path)
	}
	return path, nil
}
