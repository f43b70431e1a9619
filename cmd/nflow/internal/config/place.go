package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// place is where a value came from.
type place struct {
	layer        layer
	name         string // file name, variable name or flag
	line, column int    // 1-based, of the key in a file; 0 elsewhere
}

// layer orders the sources; a higher one wins.
type layer int

const (
	byDefault layer = iota
	byFile
	byEnvironment
	byFlag
)

// places holds the place of each dotted path that was given.
type places map[string]place

// fault says what is wrong with the value of path, and where it stands. The
// place is in Field and Line; the message begins with the path.
func (p places) fault(path, format string, args ...any) *fault.Fault {
	return p[path].fault(path, format, args...)
}

func (p place) fault(path, format string, args ...any) *fault.Fault {
	f := fault.New(fault.Invalid, format, args...)
	if path != "" {
		f.Message = path + " " + f.Message
	}
	return f.AtField(p.name).AtLine(p.line, p.column)
}

// given says whether the path has a value that is not its default.
func (p places) given(path string) bool { return p[path].layer > byDefault }

// near is the place of a path, of the first given path below it, or of the
// first given one in its section.
func (p places) near(path string) (place, bool) {
	if p.given(path) {
		return p[path], true
	}
	paths := slices.Sorted(maps.Keys(p))
	for _, prefix := range []string{path + ".", section(path) + "."} {
		for _, other := range paths {
			if strings.HasPrefix(other, prefix) {
				return p[other], true
			}
		}
	}
	return place{}, false
}
