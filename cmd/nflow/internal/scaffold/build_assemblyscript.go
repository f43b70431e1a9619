package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// assemblyScriptMaker builds with the compiler that package-lock.json names.
type assemblyScriptMaker struct{}

func (assemblyScriptMaker) targets() []Target { return []Target{Wasm} }

func (assemblyScriptMaker) make(ctx context.Context, w *workshop) ([]byte, []string, error) {
	raw, m, err := w.manifest()
	if err != nil {
		return nil, nil, err
	}
	if _, err := tool("node", "a plugin in AssemblyScript", "nodejs"); err != nil {
		return nil, nil, err
	}
	npm, err := tool("npm", "a plugin in AssemblyScript", "npm")
	if err != nil {
		return nil, nil, err
	}
	if err := installCompiler(ctx, w, npm); err != nil {
		return nil, nil, err
	}
	artifact := m.Name + ".wasm"
	return raw, []string{artifact}, w.run(ctx, nil, npm, "run", "--silent", "build", "--", "--outFile", filepath.Join(w.tmp, artifact))
}

// installCompiler fetches what package-lock.json names, once. It is fetched
// beside and moved, so that builds at the same moment do not meet.
func installCompiler(ctx context.Context, w *workshop, npm string) error {
	modules := filepath.Join(w.Dir, "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "assemblyscript")); err == nil {
		return nil
	}
	if _, err := os.Stat(modules); err == nil { // the author's, without the compiler
		return w.run(ctx, nil, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	}
	tmp, err := os.MkdirTemp(w.Dir, ".nflow-build-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	for _, name := range []string{"package.json", "package-lock.json"} {
		body, err := os.ReadFile(filepath.Join(w.Dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is missing in %s; npm install --ignore-scripts makes it", name, w.Dir)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(tmp, name), body, 0o600) //nolint:gosec // beside the author's own
		}
		if err != nil {
			return err
		}
	}
	if err := w.run(ctx, nil, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", tmp); err != nil {
		return fmt.Errorf("the compiler of AssemblyScript cannot be installed: %w", err)
	}
	if err := os.Rename(filepath.Join(tmp, "node_modules"), modules); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
