package config

import (
	"cmp"
	"errors"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// maxFile bounds the configuration file.
const maxFile = 1 << 20

// fileReader reads the TOML file into a Config.
type fileReader struct {
	config    *Config
	faults    *fault.List
	name      string
	positions map[string]position
}

func (r *fileReader) load(src Source) {
	r.name = src.Path
	at := place{layer: byFile, name: r.name}
	content, err := src.ReadFile(src.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !src.Explicit:
		return
	case errors.Is(err, fs.ErrNotExist):
		r.faults.Add(at.fault("", "there is no such file; check the path given with --config"))
		return
	case err != nil:
		r.faults.Add(at.fault("", "the file cannot be read: %s", reason(err)))
		return
	case len(content) > maxFile:
		r.faults.Add(at.fault("", "the file is larger than 1 MiB"))
		return
	}
	r.parse(content)
}

func (r *fileReader) parse(content []byte) {
	var root map[string]any
	if err := toml.Unmarshal(content, &root); err != nil {
		at := place{layer: byFile, name: r.name}
		var de *toml.DecodeError
		if errors.As(err, &de) {
			at.line, at.column = de.Position()
		}
		f := at.fault("", "this is not TOML: %s", strings.TrimPrefix(err.Error(), "toml: "))
		f.Code = fault.Malformed
		r.faults.Add(f)
		return
	}
	r.positions = findPositions(content)
	r.table("", root, reflect.ValueOf(r.config).Elem())
}

// table decodes a TOML table into a struct.
func (r *fileReader) table(path string, t map[string]any, dst reflect.Value) {
	seen := map[string]string{}
	for _, name := range r.inOrder(path, t) {
		f, ok := find(dst.Type(), name)
		if !ok {
			r.unknown(path, name, dst.Type())
			continue
		}
		if other, twice := seen[f.name]; twice {
			r.both(path, other, name, t)
		}
		seen[f.name] = name
		r.value(join(path, f.name), r.at(join(path, name)), f, t[name], dst.Field(f.index))
	}
}

// both reports a key that is given under its two names with different values.
func (r *fileReader) both(path, one, other string, t map[string]any) {
	if reflect.DeepEqual(t[one], t[other]) {
		return
	}
	r.faults.Add(r.at(join(path, other)).fault(join(path, other), "and %s are the same key but have different values; keep one", one))
}

func (r *fileReader) value(path string, at place, f field, raw any, dst reflect.Value) {
	switch {
	case f.isSection():
		if t, ok := raw.(map[string]any); ok {
			r.table(path, t, dst)
			return
		}
		r.faults.Add(at.fault(path, "is a section, not %s; write [%s] on a line of its own", kindOf(raw), heading(path)))
	case f.isNamed():
		r.named(path, at, raw, dst)
	case f.isTexts():
		r.texts(path, at, f, raw, dst)
	case f.isArray():
		r.array(path, at, raw, dst)
	case f.isFree():
		r.free(path, at, raw, dst)
	default:
		r.config.places[path] = at
		if problem := assign(dst, f, raw); problem != "" {
			r.faults.Add(at.fault(path, "%s", problem))
		}
	}
}

func (r *fileReader) unknown(path, name string, t reflect.Type) {
	full, what := join(path, name), "key of ["+heading(path)+"]"
	switch {
	case path == "":
		what = "section"
	case strings.HasSuffix(path, "]"):
		what = "key of [[" + heading(path) + "]]"
	}
	r.faults.Add(r.at(full).fault(full, "is not a known %s%s", what, suggest(name, names(t))))
}

// heading is what a file writes in brackets above the keys of a path.
func heading(path string) string {
	return regexp.MustCompile(`\[\d+\]`).ReplaceAllString(path, "")
}

func (r *fileReader) at(path string) place {
	p := r.positions[path]
	return place{layer: byFile, name: r.name, line: p.line, column: p.column}
}

// inOrder lists the keys of a table as the file has them.
func (r *fileReader) inOrder(path string, t map[string]any) []string {
	keys := make([]string, 0, len(t))
	for k := range t {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		p, q := r.positions[join(path, a)], r.positions[join(path, b)]
		return cmp.Or(p.line-q.line, p.column-q.column, strings.Compare(a, b))
	})
	return keys
}

// reason is what the system said about a file, without repeating its name.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return strconv.Quote(err.Error())
}
