package scaffold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// ManifestName is the file that says what a plugin offers.
const ManifestName = "nflow-plugin.json"

// Target is what a build makes.
type Target string

// The targets. All is all that the language can be.
const (
	All    Target = "all"
	Wasm   Target = "wasm"
	Native Target = "native"
)

// Order is a build to make.
type Order struct {
	Dir    string // of the project; empty = the working directory
	Out    string // for the artifacts and the manifest; empty = Dir
	Target Target // empty = All
	// Python is the interpreter that plugins in Python are started with; empty =
	// python3, if it has grpcio.
	Python  string
	Environ []string  // for the tools
	Log     io.Writer // for what the tools say
}

// Built is what a build made.
type Built struct {
	Manifest  plugin.Manifest
	Files     []string // the artifacts
	Described string   // the file of the manifest
}

// maker builds in one language, into files of a directory.
type maker interface {
	// targets the language can be.
	targets() []Target
	// make returns the manifest and the names of the artifacts in w.tmp.
	make(ctx context.Context, w *workshop) (manifest []byte, artifacts []string, err error)
}

// workshop is where one build happens.
type workshop struct {
	Order

	tmp string // absolute; what is made stands there until all is well
}

func makerOf(l Language) maker {
	switch l {
	case Go:
		return goMaker{}
	case AssemblyScript:
		return assemblyScriptMaker{}
	case Python:
		return pythonMaker{}
	case C:
	}
	return cMaker{}
}

// Build makes the artifacts of a project and writes them with its manifest. When
// it fails, nothing in Out has changed.
func Build(ctx context.Context, o Order) (Built, error) {
	w, err := o.settle()
	if err != nil {
		return Built{}, err
	}
	language, err := Detect(w.Dir)
	if err != nil {
		return Built{}, err
	}
	m := makerOf(language)
	if err := check(language, m, w.Target); err != nil {
		return Built{}, err
	}
	if w.tmp, err = os.MkdirTemp(w.Out, ".nflow-build-"); err != nil {
		return Built{}, err
	}
	defer func() { _ = os.RemoveAll(w.tmp) }()
	raw, artifacts, err := m.make(ctx, w)
	if err != nil {
		return Built{}, err
	}
	return w.deliver(raw, artifacts)
}

// settle fills defaults, with absolute paths.
func (o Order) settle() (w *workshop, err error) {
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, err
	}
	if o.Out == "" {
		o.Out = o.Dir
	}
	if o.Out, err = filepath.Abs(o.Out); err != nil {
		return nil, err
	}
	switch o.Target {
	case "":
		o.Target = All
	case All, Wasm, Native:
	default:
		return nil, fmt.Errorf("--target %s is unknown; choose wasm, native or all", o.Target)
	}
	return &workshop{Order: o}, os.MkdirAll(o.Out, 0o755) //nolint:gosec // plugins are no secrets
}

func check(l Language, m maker, wanted Target) error {
	if wanted == All {
		return nil
	}
	for _, t := range m.targets() {
		if t == wanted {
			return nil
		}
	}
	return fmt.Errorf("--target %s: plugins in %s can only be %s", wanted, l, m.targets()[0])
}

// deliver moves what was made to Out, the manifest last.
func (w *workshop) deliver(raw []byte, artifacts []string) (Built, error) {
	m, err := plugin.ParseManifest(raw)
	if err != nil {
		return Built{}, fmt.Errorf("%s of %s: %w", ManifestName, w.Dir, err)
	}
	b := Built{Manifest: m}
	var before []byte
	if b.Described, before, err = w.place(m.Name); err != nil {
		return Built{}, err
	}
	for _, name := range artifacts {
		to := filepath.Join(w.Out, name)
		if err := os.Rename(filepath.Join(w.tmp, name), to); err != nil {
			return Built{}, err
		}
		b.Files = append(b.Files, to)
	}
	if bytes.Equal(before, raw) {
		return b, nil
	}
	fresh := filepath.Join(w.tmp, ManifestName)
	if err := os.WriteFile(fresh, raw, 0o644); err != nil { //nolint:gosec // plugins are no secrets
		return Built{}, err
	}
	return b, os.Rename(fresh, b.Described)
}

// place is the file for the manifest of a plugin, and what it holds. Beside those
// of another plugin, its name stands before.
func (w *workshop) place(name string) (string, []byte, error) {
	path := filepath.Join(w.Out, ManifestName)
	before, err := os.ReadFile(path)
	if other, parsed := plugin.ParseManifest(before); err == nil && parsed == nil && w.Out != w.Dir && other.Name != name {
		path = filepath.Join(w.Out, name+"."+ManifestName)
		before, err = os.ReadFile(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return path, before, err
}

// manifest reads the manifest that a project holds, and checks it before
// anything is built with it.
func (w *workshop) manifest() ([]byte, plugin.Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(w.Dir, ManifestName))
	if err != nil {
		return nil, plugin.Manifest{}, fmt.Errorf("the plugin's manifest cannot be read: %w", err)
	}
	m, err := plugin.ParseManifest(raw)
	if err != nil {
		return nil, m, fmt.Errorf("%s of %s: %w", ManifestName, w.Dir, err)
	}
	return raw, m, nil
}
