package analysis

// pairs walks two copies of an automaton over the same text at once. Two
// different ways from a state back to it over one text mean that a failing match
// tries exponentially many: that is a cycle of pairs which holds both a pair of
// equal states and one of different states, or an edge that exists twice.
type pairs struct {
	m       *automaton
	index   map[[2]int]int
	low     map[[2]int]int
	onStack map[[2]int]bool
	stack   [][2]int
	work    int
	found   bool
}

// ambiguous reports whether a failing match may take exponentially long.
func (m *automaton) ambiguous(budget *int) bool {
	w := &pairs{m: m, index: map[[2]int]int{}, low: map[[2]int]int{}, onStack: map[[2]int]bool{}}
	defer func() { *budget -= w.work }()
	for p := range m.sets {
		if pair := [2]int{p, p}; w.index[pair] == 0 {
			w.visit(pair)
		}
	}
	return w.found
}

// visit is Tarjan's search for strongly connected components.
func (w *pairs) visit(v [2]int) {
	w.index[v] = len(w.index) + 1
	w.low[v] = w.index[v]
	w.stack = append(w.stack, v)
	w.onStack[v] = true
	for _, p := range w.m.next[v[0]] {
		for _, q := range w.m.next[v[1]] {
			if w.work++; w.work > maxPairs || w.found {
				return
			}
			if p != q && !w.m.sets[p].overlaps(w.m.sets[q]) {
				continue
			}
			to := [2]int{min(p, q), max(p, q)}
			if w.index[to] == 0 {
				w.visit(to)
				w.low[v] = min(w.low[v], w.low[to])
			} else if w.onStack[to] {
				w.low[v] = min(w.low[v], w.index[to])
			}
		}
	}
	if w.low[v] == w.index[v] {
		w.component(v)
	}
}

// component takes a finished component from the stack and judges it.
func (w *pairs) component(v [2]int) {
	members := map[[2]int]bool{}
	for {
		last := len(w.stack) - 1
		u := w.stack[last]
		w.stack = w.stack[:last]
		delete(w.onStack, u)
		members[u] = true
		if u == v {
			break
		}
	}
	equal, different, ends := false, false, false
	for u := range members {
		equal = equal || u[0] == u[1]
		different = different || u[0] != u[1]
		ends = ends || w.m.last[u[0]] || w.m.last[u[1]]
	}
	// A match that may end inside the cycle succeeds and never tries again.
	if equal && !ends && (different || w.repeats(members)) {
		w.found = true
	}
}

// repeats reports whether the component has an edge that exists in two ways.
func (w *pairs) repeats(members map[[2]int]bool) bool {
	for edge := range w.m.twice {
		if members[[2]int{edge[0], edge[0]}] && members[[2]int{edge[1], edge[1]}] {
			return true
		}
	}
	return false
}
