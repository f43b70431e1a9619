package goja

import (
	"strings"
	"sync"

	js "github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/unistring"
)

// The names that instrumented code uses. No script can write them: they are no
// identifiers.
const (
	meterName   = "\x01" // the meter, a constant nobody sees
	meterHanded = "\x02" // the global a program takes its meter from, gone when the author's code starts
)

// site is a place in a program where the script says that it has come there, by
// reading a member of the meter.
type site struct {
	weight int // loop turns and calls since the site before; 0 = only a place
	idx    file.Idx
	// The place in the author's source; filled by places.
	line, column int
}

// siteTable is the sites of one compiled program, by index.
type siteTable struct {
	list    []site
	file    *file.File
	text    unistring.String // the member of texts that is the meter
	under   bool             // some sites need that: they stand inside a with statement
	located sync.Once
}

// locate fills the places in, which only those need who are told where a script
// is.
func (t *siteTable) locate(p *program) {
	t.located.Do(func() {
		code := newLineIndex(p.code)
		origin := code
		if p.origin != nil {
			origin = newLineIndex(p.origin.code)
		}
		for i := range t.list {
			at := t.file.Position(int(t.list[i].idx) - 1)
			line, column := p.placeIn(code, at.Line, at.Column, p.before)
			if p.origin != nil {
				line, column, _ = p.origin.findIn(origin, line, column)
			}
			t.list[i].line, t.list[i].column = line, column
		}
	})
}

// key is the member that stands for a site: its index in digits that are
// characters from 1 to 127, the lowest first.
func siteKey(index int) string {
	var b strings.Builder
	for {
		b.WriteByte(byte(index%127 + 1))
		if index /= 127; index == 0 {
			return b.String()
		}
	}
}

func siteIndex(key string) int {
	index := 0
	for i := len(key) - 1; i >= 0; i-- {
		index = index*127 + int(key[i]) - 1
	}
	return index
}

// read is the expression that tells of a site.
func (t *siteTable) read(weight int, at file.Idx, under bool) ast.Expression {
	t.list = append(t.list, site{weight: weight, idx: at})
	var meter ast.Expression = &ast.Identifier{Name: meterName, Idx: at}
	if under {
		// A with statement would let the script's own object answer to the name,
		// so the meter is taken from where every text finds it.
		t.under = true
		meter = &ast.DotExpression{Left: &ast.StringLiteral{Idx: at}, Identifier: ast.Identifier{Name: t.text, Idx: at}}
	}
	key := unistring.NewFromString(siteKey(len(t.list) - 1))
	return &ast.DotExpression{Left: meter, Identifier: ast.Identifier{Name: key, Idx: at}}
}

// meter counts for one program of a run. To scripts it would be an object that
// ignores everything; they never get hold of it.
type meter struct {
	run    *run
	sites  []site
	module string
}

var _ js.DynamicObject = (*meter)(nil)

// Get counts. It gives undefined. It is what counting costs, so everything rare
// waits until look.
func (m *meter) Get(key string) js.Value {
	index := 0
	if len(key) == 1 {
		index = int(key[0]) - 1
	} else {
		index = siteIndex(key)
	}
	if uint(index) >= uint(len(m.sites)) {
		return js.Undefined()
	}
	s, r := &m.sites[index], m.run
	if r.at != nil {
		r.at(m.module, s.line, s.column)
	}
	if r.operations += s.weight; r.operations >= r.look {
		r.lookAround()
	}
	return js.Undefined()
}

// Set refuses.
func (*meter) Set(string, js.Value) bool { return false }

// Has denies.
func (*meter) Has(string) bool { return false }

// Delete has nothing to delete.
func (*meter) Delete(string) bool { return true }

// Keys shows nothing.
func (*meter) Keys() []string { return nil }
