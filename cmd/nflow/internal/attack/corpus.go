package attack

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed scripts/*.js
var scripts embed.FS

// Script is one attack.
type Script struct {
	Name  string // such as "regex-split"; what stands before the dash is its kind
	About string // what it tries
	// Hard is set when only a process of its own is sure to stop it: the script
	// hides in native code, or takes memory, which this process cannot bound.
	Hard bool
	Ends []Ending // how it may end with the default limits
	Code string   // the body of a function
}

// Scripts reads the corpus, sorted by name.
func Scripts() ([]Script, error) {
	files, err := fs.Glob(scripts, "scripts/*.js")
	if err != nil {
		return nil, err
	}
	list := make([]Script, 0, len(files))
	for _, file := range files {
		text, err := scripts.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s, err := parse(strings.TrimSuffix(path.Base(file), ".js"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Script) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// parse reads a file: a header of comment lines, about, "hard" and "ends: ...",
// and the code, in which <<n x text>> stands for n times the text, where \> is >.
func parse(name, text string) (Script, error) {
	s := Script{Name: name}
	lines := strings.Split(text, "\n")
	for _, line := range lines {
		word, isComment := strings.CutPrefix(line, "// ")
		if !isComment {
			break
		}
		if ends, ok := strings.CutPrefix(word, "ends: "); ok {
			for _, e := range strings.Fields(ends) {
				s.Ends = append(s.Ends, Ending(e))
			}
			break
		}
		if word == "hard" {
			s.Hard = true
		} else {
			s.About = strings.TrimSpace(s.About + " " + word)
		}
	}
	for _, e := range s.Ends {
		if !slices.Contains(endings(), e) {
			return s, fmt.Errorf("%q is no way to end", e)
		}
	}
	if s.About == "" || len(s.Ends) == 0 {
		return s, fmt.Errorf("the header does not say what it is about or how it ends")
	}
	s.Code = expand(text)
	return s, nil
}

// expand writes repetitions out.
func expand(text string) string {
	return regexp.MustCompile(`<<(\d+) x (.*?[^\\])>>`).ReplaceAllStringFunc(text, func(match string) string {
		count, what, _ := strings.Cut(match[2:len(match)-2], " x ")
		n, err := strconv.Atoi(count)
		if err != nil {
			return match
		}
		return strings.Repeat(strings.ReplaceAll(what, `\>`, `>`), n)
	})
}
