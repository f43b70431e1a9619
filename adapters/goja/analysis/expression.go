package analysis

// expression is a regular expression as a tree.
type expression struct {
	op   operator
	set  set           // of a character
	subs []*expression // of a sequence, alternatives, a repetition (one), a look-around (one)
	min  int           // of a repetition
	max  int           // -1 = unbounded
}

type operator byte

const (
	opSequence  operator = iota // with no parts: nothing at all
	opCharacter                 // one of a set
	opAssertion                 // matches a place and may fail: ^ $ \b, back-references
	opAlternatives
	opRepeat
	opLook // a look-around; what is inside is a match of its own
)

// growth says how the time of a failing match grows with the text.
type growth byte

const (
	harmless growth = iota
	polynomial
	exponential
)

// backtracking finds out the worst a pattern can do, and takes what that costs
// from the budget.
func (e *expression) backtracking(budget *int) growth {
	worst := harmless
	e.looks(func(inner *expression) { worst = max(worst, inner.backtracking(budget)) })
	if worst < exponential && *budget > 0 {
		m := newAutomaton(e)
		*budget -= len(m.edges)
		if !m.tooBig && m.ambiguous(budget) {
			return exponential
		}
	}
	if worst == harmless && e.neighbours(false) {
		return polynomial
	}
	return worst
}

// looks calls f for the look-arounds in an expression, outermost only.
func (e *expression) looks(f func(*expression)) {
	for _, sub := range e.subs {
		if e.op == opLook {
			f(sub)
			continue
		}
		sub.looks(f)
	}
}

// nullable reports whether the expression matches nothing, as far as characters
// go.
func (e *expression) nullable() bool {
	switch e.op {
	case opCharacter, opAssertion:
		return false
	case opAlternatives:
		for _, sub := range e.subs {
			if sub.nullable() {
				return true
			}
		}
		return false
	case opRepeat:
		return e.min == 0 || e.subs[0].nullable()
	case opSequence:
		for _, sub := range e.subs {
			if !sub.nullable() {
				return false
			}
		}
	case opLook:
	}
	return true
}

// neighbours finds two unbounded repetitions of overlapping characters with
// nothing certain between them, and something that can fail after them.
func (e *expression) neighbours(followed bool) bool {
	if e.op != opSequence {
		for _, sub := range e.subs {
			if e.op != opLook && sub.neighbours(followed) {
				return true
			}
		}
		return false
	}
	for i, sub := range e.subs {
		rest := followed
		for _, later := range e.subs[i+1:] {
			rest = rest || !later.nullable()
		}
		if sub.neighbours(rest) {
			return true
		}
		mine, ok := sub.single()
		for j := i + 1; ok && j < len(e.subs); j++ {
			other, also := e.subs[j].single()
			if also && mine.overlaps(other) && e.fails(j+1, followed) {
				return true
			}
			if !e.subs[j].nullable() {
				break
			}
		}
	}
	return false
}

// fails reports whether something after a part of a sequence must match.
func (e *expression) fails(from int, followed bool) bool {
	for _, later := range e.subs[from:] {
		if !later.nullable() {
			return true
		}
	}
	return followed
}

// single is the characters of an unbounded repetition of one character.
func (e *expression) single() (set, bool) {
	if e.op == opSequence && len(e.subs) == 1 {
		return e.subs[0].single()
	}
	if e.op != opRepeat || e.max >= 0 {
		return nil, false
	}
	inner := e.subs[0]
	for inner.op == opSequence && len(inner.subs) == 1 {
		inner = inner.subs[0]
	}
	return inner.set, inner.op == opCharacter
}
