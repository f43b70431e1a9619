package config

import (
	"sort"

	"github.com/pelletier/go-toml/v2/unstable"
)

// position is a 1-based place in the file.
type position struct{ line, column int }

// findPositions maps the dotted path of each key of a valid TOML document to
// where its last part first stands. Elements of arrays of tables share the
// place of the first.
func findPositions(content []byte) map[string]position {
	w := &positionFinder{lines: []int{0}, found: map[string]position{}}
	for i, c := range content {
		if c == '\n' {
			w.lines = append(w.lines, i+1)
		}
	}
	w.parser.Reset(content)
	prefix := ""
	for w.parser.NextExpression() {
		e := w.parser.Expression()
		switch e.Kind { //nolint:exhaustive // only these kinds stand at the top of an expression
		case unstable.Table, unstable.ArrayTable:
			prefix = w.key(e, "")
		case unstable.KeyValue:
			w.pair(e, prefix)
		default:
		}
	}
	return w.found
}

type positionFinder struct {
	parser unstable.Parser
	lines  []int // offset of the start of each line
	found  map[string]position
}

// pair notes a key and, when its value is an inline table, the keys inside.
func (w *positionFinder) pair(n *unstable.Node, prefix string) {
	path := w.key(n, prefix)
	if n.Value().Kind != unstable.InlineTable {
		return
	}
	for it := n.Value().Children(); it.Next(); {
		if it.Node().Kind == unstable.KeyValue {
			w.pair(it.Node(), path)
		}
	}
}

// key notes every part of a dotted key and returns its whole path.
func (w *positionFinder) key(n *unstable.Node, path string) string {
	for it := n.Key(); it.Next(); {
		part := it.Node()
		path = join(path, string(part.Data))
		if _, known := w.found[path]; !known {
			w.found[path] = w.place(int(part.Raw.Offset))
		}
	}
	return path
}

func (w *positionFinder) place(offset int) position {
	line := sort.SearchInts(w.lines, offset+1)
	return position{line: line, column: offset - w.lines[line-1] + 1}
}
