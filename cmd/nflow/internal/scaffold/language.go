package scaffold

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Language is one that plugins are written in.
type Language string

// The languages.
const (
	Go             Language = "go"
	C              Language = "c"
	AssemblyScript Language = "assemblyscript"
	Python         Language = "python"
)

// Languages lists them.
func Languages() []Language { return []Language{Go, C, AssemblyScript, Python} }

// ParseLanguage reads the name of a language.
func ParseLanguage(s string) (Language, error) {
	if l := Language(s); slices.Contains(Languages(), l) {
		return l, nil
	}
	return "", fmt.Errorf("%q is no language for plugins here; choose go, c, assemblyscript or python", s)
}

// Detect tells the language of a project by its files.
func Detect(dir string) (Language, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	found := map[Language]bool{}
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir():
		case name == "go.mod", strings.HasSuffix(name, ".go"):
			found[Go] = true
		case name == "asconfig.json":
			found[AssemblyScript] = true
		case name == "__main__.py":
			found[Python] = true
		case strings.HasSuffix(name, ".c"):
			found[C] = true
		}
	}
	// Go programs may hold C, and any project may hold scripts.
	for _, l := range []Language{Go, AssemblyScript, Python, C} {
		if found[l] {
			return l, nil
		}
	}
	abs, _ := filepath.Abs(dir)
	return "", fmt.Errorf("%s holds no plugin: there is no .go or .c file, asconfig.json or __main__.py; nflow plugin new begins one", abs)
}
