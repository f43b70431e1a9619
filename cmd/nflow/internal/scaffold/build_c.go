package scaffold

import (
	"context"
	"fmt"
	"path/filepath"
)

// cMaker builds with clang, without a C library.
type cMaker struct{}

func (cMaker) targets() []Target { return []Target{Wasm} }

func (cMaker) make(ctx context.Context, w *workshop) ([]byte, []string, error) {
	raw, m, err := w.manifest()
	if err != nil {
		return nil, nil, err
	}
	clang, err := tool("clang", "a plugin in C", "clang lld")
	if err != nil {
		return nil, nil, err
	}
	if _, err := tool("wasm-ld", "a plugin in C", "lld"); err != nil {
		return nil, nil, err
	}
	sources, err := filepath.Glob(filepath.Join(w.Dir, "*.c"))
	if err != nil || len(sources) == 0 {
		return nil, nil, fmt.Errorf("%s holds no .c file", w.Dir)
	}
	artifact := m.Name + ".wasm"
	args := []string{
		"--target=wasm32", "-nostdlib", "-O2", "-mbulk-memory", "-Wall", "-Wextra",
		"-Wl,--no-entry", "-Wl,--stack-first", "-Wl,--strip-all",
		"-o", filepath.Join(w.tmp, artifact),
	}
	for _, s := range sources {
		args = append(args, filepath.Base(s))
	}
	return raw, []string{artifact}, w.run(ctx, nil, clang, args...)
}
