package config

import (
	"sort"

	"github.com/pelletier/go-toml/v2/unstable"
)

// position is a 1-based place in the file.
type position struct{ line, column int }

// findPositions maps the dotted path of each key of a valid TOML document to
// where its last part first stands. Elements of arrays of tables are
// plugins[0], plugins[1] and so on.
func findPositions(content []byte) map[string]position {
	w := &positionFinder{lines: []int{0}, found: map[string]position{}, tables: map[string]int{}}
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
		case unstable.Table:
			prefix = w.current(w.key(e, ""))
		case unstable.ArrayTable:
			prefix = w.next(w.key(e, ""))
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
	last   position       // of the key read last
	tables map[string]int // elements so far of each array of tables
}

// pair notes a key and, when its value is an inline table, the keys inside.
func (w *positionFinder) pair(n *unstable.Node, prefix string) {
	w.value(n.Value(), w.key(n, prefix))
}

func (w *positionFinder) value(n *unstable.Node, path string) {
	i := 0
	for it := n.Children(); it.Next(); {
		switch {
		case n.Kind == unstable.InlineTable && it.Node().Kind == unstable.KeyValue:
			w.pair(it.Node(), path)
		case n.Kind == unstable.Array && it.Node().Kind != unstable.Comment:
			if one := element(path, i); it.Node().Kind == unstable.InlineTable {
				w.found[one] = w.found[path] // a brace has no place of its own
				w.value(it.Node(), one)
			}
			i++
		}
	}
}

// current is a path below the last element of the arrays it leads through.
func (w *positionFinder) current(path string) string {
	if n := w.tables[path]; n > 0 {
		return element(path, n-1)
	}
	return path
}

// next begins another element of an array of tables.
func (w *positionFinder) next(path string) string {
	w.tables[path]++
	one := w.current(path)
	w.found[one] = w.last
	return one
}

// key notes every part of a dotted key and returns its whole path.
func (w *positionFinder) key(n *unstable.Node, path string) string {
	for it := n.Key(); it.Next(); {
		part := it.Node()
		path = join(w.current(path), string(part.Data))
		w.last = w.place(int(part.Raw.Offset))
		if _, known := w.found[path]; !known {
			w.found[path] = w.last
		}
	}
	return path
}

func (w *positionFinder) place(offset int) position {
	line := sort.SearchInts(w.lines, offset+1)
	return position{line: line, column: offset - w.lines[line-1] + 1}
}
