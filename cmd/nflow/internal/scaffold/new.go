package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/assemblyscript"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/c"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/python"
)

//go:embed all:templates
var templates embed.FS

// placeholder stands in templates for the name of the plugin.
const placeholder = "PLUGIN_NAME"

// Project is a plugin to begin.
type Project struct {
	Language Language
	Name     string
	Dir      string // to write to; empty = Name in the working directory
	// SDK is a checkout of nFlow whose SDK a project in Go uses; empty = the
	// published one of Version.
	SDK     string
	Version string // of this nflow, such as v1.2.0
}

// file is one of a project.
type file struct {
	name string
	body []byte
}

// New writes a project that builds at once, and returns the files. It writes
// nothing when one of them exists.
func New(p Project) ([]string, error) {
	if !plugin.ValidName(p.Name) {
		return nil, fmt.Errorf("%q is no name for a plugin; use a-z, 0-9, _ and -, at most 64, beginning with a letter", p.Name)
	}
	if p.SDK != "" && p.Language != Go {
		return nil, fmt.Errorf("--sdk is for plugins in Go; projects in %s carry their SDK along", p.Language)
	}
	if p.Dir == "" {
		p.Dir = p.Name
	}
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(p.Dir, f.name)); err == nil {
			return nil, fmt.Errorf("%s exists, and nothing was written; choose another directory with --dir", filepath.Join(p.Dir, f.name))
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return p.write(files)
}

func (p Project) write(files []file) ([]string, error) {
	if err := os.MkdirAll(p.Dir, 0o755); err != nil { //nolint:gosec // a project is for everybody
		return nil, err
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = filepath.Join(p.Dir, f.name)
		out, err := os.OpenFile(names[i], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a project is for everybody
		if err != nil {
			return nil, err
		}
		_, err = out.Write(f.body)
		if err := errors.Join(err, out.Close()); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// files are those of the template and of the SDK.
func (p Project) files() ([]file, error) {
	list, err := read(templates, path.Join("templates", string(p.Language)), placeholder, p.Name)
	if err != nil {
		return nil, err
	}
	var more []file
	switch p.Language {
	case Go:
		more, err = p.module()
	case C:
		more, err = read(c.Files, ".", "", "")
	case AssemblyScript:
		more, err = read(assemblyscript.Files, ".", assemblyscript.PackageName, p.Name)
	case Python:
		more, err = read(python.Files, ".", "", "")
	}
	return append(list, more...), err
}

// read takes the files of a folder, with one text for another.
func read(from fs.FS, dir, old, text string) ([]file, error) {
	entries, err := fs.ReadDir(from, dir)
	if err != nil {
		return nil, err
	}
	list := make([]file, 0, len(entries))
	for _, e := range entries {
		body, err := fs.ReadFile(from, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if old != "" {
			body = bytes.ReplaceAll(body, []byte(old), []byte(text))
		}
		list = append(list, file{plainName(e.Name()), body})
	}
	return list, nil
}

// plainName is the name of a template's file in a project. Some have another in
// templates, where they would mean something.
func plainName(name string) string {
	switch name {
	case "gitignore":
		return ".gitignore"
	case "main.go.txt", "main_test.go.txt":
		return name[:len(name)-len(".txt")]
	}
	return name
}
