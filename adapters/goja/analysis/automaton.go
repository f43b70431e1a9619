package analysis

import "slices"

// automaton is the position automaton of an expression: one state for each
// character of the pattern, and an edge for each way to get from one to the next.
// Two ways between the same states are remembered, since backtracking tries both.
type automaton struct {
	sets   []set // of each position; nil for an assertion, which is like nothing but itself
	next   [][]int
	twice  map[[2]int]bool // edges that exist in two ways
	edges  map[[2]int]bool
	last   map[int]bool // positions a match may end at
	tooBig bool
}

const (
	maxPositions = 400
	maxEdges     = 20_000
	maxPairs     = 200_000 // pairs of edges looked at, for one expression
	maxCopies    = 8       // of a counted repetition
)

// fragment is a part of the automaton.
type fragment struct {
	nullable    bool
	first, last []int
}

func newAutomaton(e *expression) *automaton {
	m := &automaton{twice: map[[2]int]bool{}, edges: map[[2]int]bool{}, last: map[int]bool{}}
	f := m.build(e)
	for _, p := range f.last {
		m.last[p] = true
	}
	return m
}

func (m *automaton) build(e *expression) fragment {
	if m.tooBig {
		return fragment{}
	}
	switch e.op {
	case opCharacter, opAssertion:
		return m.position(e)
	case opAlternatives:
		var f fragment
		for _, sub := range e.subs {
			g := m.build(sub)
			f.nullable = f.nullable || g.nullable
			f.first = append(f.first, g.first...)
			f.last = append(f.last, g.last...)
		}
		return f
	case opRepeat:
		return m.repeat(e)
	case opSequence:
		f := fragment{nullable: true}
		for _, sub := range e.subs {
			f = m.join(f, m.build(sub))
		}
		return f
	case opLook:
		// What is inside is analysed on its own; here it is a place that may fail.
		return m.position(&expression{op: opAssertion})
	}
	return fragment{nullable: true}
}

func (m *automaton) position(e *expression) fragment {
	p := len(m.sets)
	if p >= maxPositions {
		m.tooBig = true
		return fragment{}
	}
	m.sets, m.next = append(m.sets, e.set), append(m.next, nil)
	return fragment{first: []int{p}, last: []int{p}}
}

func (m *automaton) connect(from, to []int) {
	for _, p := range from {
		for _, q := range to {
			edge := [2]int{p, q}
			if m.edges[edge] {
				m.twice[edge] = true
				continue
			}
			if len(m.edges) >= maxEdges {
				m.tooBig = true
				return
			}
			m.edges[edge] = true
			m.next[p] = append(m.next[p], q)
		}
	}
}

func (m *automaton) join(f, g fragment) fragment {
	m.connect(f.last, g.first)
	out := fragment{nullable: f.nullable && g.nullable, first: f.first, last: g.last}
	if f.nullable {
		out.first = slices.Concat(f.first, g.first)
	}
	if g.nullable {
		out.last = slices.Concat(f.last, g.last)
	}
	return out
}

// repeat writes counted repetitions out. Long ones are like unbounded ones, but
// for those that leave no choice.
func (m *automaton) repeat(e *expression) fragment {
	least, most := e.min, e.max
	inner := e.subs[0]
	if most > maxCopies {
		if least == most && inner.op == opCharacter {
			least, most = maxCopies, maxCopies
		} else {
			most = -1
		}
	}
	least = min(least, maxCopies)
	f := fragment{nullable: true}
	for i := 1; i < least; i++ {
		f = m.join(f, m.build(inner))
	}
	if most < 0 {
		g := m.build(inner)
		m.connect(g.last, g.first)
		g.nullable = g.nullable || least == 0
		return m.join(f, g)
	}
	if least > 0 {
		f = m.join(f, m.build(inner))
	}
	tail := fragment{nullable: true}
	for i := least; i < most; i++ {
		tail = m.join(m.build(inner), tail)
		tail.nullable = true
	}
	return m.join(f, tail)
}
