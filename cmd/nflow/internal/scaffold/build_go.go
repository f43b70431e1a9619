package scaffold

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// goMaker builds a program and a module of one source. The program tells the
// manifest.
type goMaker struct{}

func (goMaker) targets() []Target { return []Target{Native, Wasm} }

func (g goMaker) make(ctx context.Context, w *workshop) ([]byte, []string, error) {
	compiler, err := tool("go", "a plugin in Go", "golang-go, or get Go from https://go.dev/dl/")
	if err != nil {
		return nil, nil, err
	}
	program := filepath.Join(w.tmp, "program")
	if err := w.run(ctx, nil, compiler, g.args(w, "-o", program)...); err != nil {
		return nil, nil, err
	}
	raw, err := w.ask(ctx, program, "manifest")
	if err != nil {
		return nil, nil, err
	}
	m, err := plugin.ParseManifest(raw)
	if err != nil {
		return nil, nil, err
	}
	var artifacts []string
	if w.Target != Wasm {
		name := m.Name
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		if err := os.Rename(program, filepath.Join(w.tmp, name)); err != nil {
			return nil, nil, err
		}
		artifacts = append(artifacts, name)
	}
	if w.Target != Native {
		name := m.Name + ".wasm"
		args := g.args(w, "-buildmode=c-shared", "-ldflags=-s -w", "-o", filepath.Join(w.tmp, name))
		if err := w.run(ctx, []string{"GOOS=wasip1", "GOARCH=wasm"}, compiler, args...); err != nil {
			return nil, nil, err
		}
		artifacts = append(artifacts, name)
	}
	return raw, artifacts, nil
}

// args are those of go build. A project of its own completes its go.mod; one in
// a workspace or with vendored modules must not.
func (goMaker) args(w *workshop, more ...string) []string {
	args := []string{"build", "-trimpath", "-buildvcs=false"}
	if ownModule(w) {
		args = append(args, "-mod=mod")
	}
	return append(append(args, more...), ".")
}

func ownModule(w *workshop) bool {
	if _, err := os.Stat(filepath.Join(w.Dir, "go.mod")); err != nil {
		return false
	}
	if _, err := os.Stat(filepath.Join(w.Dir, "vendor")); err == nil {
		return false
	}
	for _, e := range w.Environ {
		if value, ok := strings.CutPrefix(e, "GOWORK="); ok {
			return value == "off"
		}
	}
	for dir := w.Dir; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}
