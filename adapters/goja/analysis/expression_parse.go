package analysis

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseRegexp reads JavaScript's regular expressions; false for what it does not
// understand, such as \p{Letter}.
func parseRegexp(pattern string, anyCase bool) (*expression, bool) {
	p := &patternParser{rest: pattern, anyCase: anyCase}
	e := p.alternatives()
	return e, !p.bad && p.rest == ""
}

const maxGroups = 100 // how deeply groups may nest

type patternParser struct {
	rest    string
	anyCase bool
	depth   int
	bad     bool
}

func (p *patternParser) take(prefix string) bool {
	rest, ok := strings.CutPrefix(p.rest, prefix)
	p.rest = rest
	return ok
}

func (p *patternParser) next() rune {
	r, n := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[n:]
	p.bad = p.bad || n == 0
	return r
}

func (p *patternParser) alternatives() *expression {
	e := &expression{op: opAlternatives}
	for {
		e.subs = append(e.subs, p.sequence())
		if p.bad || !p.take("|") {
			break
		}
	}
	if len(e.subs) == 1 {
		return e.subs[0]
	}
	return e
}

func (p *patternParser) sequence() *expression {
	e := &expression{op: opSequence}
	for !p.bad && p.rest != "" && p.rest[0] != '|' && p.rest[0] != ')' {
		e.subs = append(e.subs, p.repeated(p.atom()))
	}
	return e
}

func (p *patternParser) atom() *expression {
	switch {
	case p.take("("):
		return p.group()
	case p.take("["):
		return p.character(p.class())
	case p.take("."):
		return p.character(newSet(span32{'\n', '\n'}, span32{'\r', '\r'}, span32{0x2028, 0x2029}).negated())
	case p.take("^"), p.take("$"), p.take(`\b`), p.take(`\B`):
		return &expression{op: opAssertion}
	case p.take(`\`):
		return p.escape()
	}
	r := p.next()
	return p.character(newSet(span32{r, r}))
}

func (p *patternParser) character(s set) *expression {
	if p.anyCase {
		s = s.folded()
	}
	return &expression{op: opCharacter, set: s}
}

func (p *patternParser) group() *expression {
	if p.depth++; p.depth > maxGroups {
		p.bad = true
		return &expression{}
	}
	defer func() { p.depth-- }()
	look := false
	switch {
	case p.take("?:"):
	case p.take("?="), p.take("?!"), p.take("?<="), p.take("?<!"):
		look = true
	case p.take("?<"):
		_, rest, ok := strings.Cut(p.rest, ">")
		p.rest, p.bad = rest, p.bad || !ok
	case strings.HasPrefix(p.rest, "?"):
		p.bad = true
	}
	e := p.alternatives()
	p.bad = p.bad || !p.take(")")
	if look {
		return &expression{op: opLook, subs: []*expression{e}}
	}
	return e
}

// repeated reads what may follow an atom: * + ? {n,m}, lazy or not.
func (p *patternParser) repeated(e *expression) *expression {
	var least, most int
	switch {
	case p.take("*"):
		least, most = 0, -1
	case p.take("+"):
		least, most = 1, -1
	case p.take("?"):
		least, most = 0, 1
	case strings.HasPrefix(p.rest, "{"):
		var ok bool
		if least, most, ok = p.counts(); !ok {
			return e
		}
	default:
		return e
	}
	p.take("?")
	return &expression{op: opRepeat, subs: []*expression{e}, min: least, max: most}
}

// counts reads {n}, {n,} or {n,m}; a brace that is none of them is a character.
func (p *patternParser) counts() (least, most int, ok bool) {
	inside, rest, closed := strings.Cut(p.rest[1:], "}")
	if !closed {
		return 0, 0, false
	}
	from, to, comma := strings.Cut(inside, ",")
	least, err := strconv.Atoi(from)
	if err != nil || least < 0 {
		return 0, 0, false
	}
	most = least
	if comma {
		most = -1
		if to != "" {
			if most, err = strconv.Atoi(to); err != nil || most < least {
				return 0, 0, false
			}
		}
	}
	p.rest = rest
	return least, most, true
}

func (p *patternParser) class() set {
	negative := p.take("^")
	var spans []span32
	for !p.bad && !p.take("]") {
		s, isChar := p.classAtom()
		if isChar && len(p.rest) > 1 && p.rest[0] == '-' && p.rest[1] != ']' {
			p.take("-")
			end, also := p.classAtom()
			if !also || end[0].to < s[0].from {
				p.bad = true
				break
			}
			s[0].to = end[0].to
		}
		spans = append(spans, s...)
	}
	if s := newSet(spans...); !negative {
		return s
	}
	return newSet(spans...).negated()
}

// classAtom is one character of a class, or a named set.
func (p *patternParser) classAtom() (s set, isChar bool) {
	if p.take(`\b`) {
		return newSet(span32{'\b', '\b'}), true
	}
	if p.take(`\`) {
		e := p.escape()
		if e.op != opCharacter {
			p.bad = true
			return newSet(span32{}), false
		}
		return e.set, len(e.set) == 1 && e.set[0].from == e.set[0].to
	}
	r := p.next()
	return newSet(span32{r, r}), true
}

// escape reads what follows a backslash.
func (p *patternParser) escape() *expression {
	if p.rest == "" {
		p.bad = true
		return &expression{}
	}
	one := func(r rune) *expression { return &expression{op: opCharacter, set: newSet(span32{r, r})} }
	r := p.next()
	if r < unicode.MaxASCII {
		if s, ok := namedSet(byte(r)); ok {
			return &expression{op: opCharacter, set: s}
		}
	}
	if i := strings.IndexRune("nrtvf0", r); i >= 0 {
		return one(rune("\n\r\t\v\f\x00"[i]))
	}
	switch r {
	case 'x':
		return one(p.hex(2))
	case 'u':
		if p.take("{") {
			digits, rest, ok := strings.Cut(p.rest, "}")
			v, err := strconv.ParseUint(digits, 16, 21)
			p.rest, p.bad = rest, p.bad || !ok || err != nil
			return one(rune(v))
		}
		return one(p.hex(4))
	case 'c', 'p', 'P':
		p.bad = true
		return one(0)
	case 'k':
		_, rest, ok := strings.Cut(p.rest, ">")
		p.rest, p.bad = rest, p.bad || !ok
		return &expression{op: opAssertion}
	}
	if '1' <= r && r <= '9' {
		p.rest = strings.TrimLeft(p.rest, "0123456789")
		return &expression{op: opAssertion}
	}
	return one(r)
}

func (p *patternParser) hex(n int) rune {
	if len(p.rest) < n {
		p.bad = true
		return 0
	}
	v, err := strconv.ParseUint(p.rest[:n], 16, 32)
	p.rest, p.bad = p.rest[n:], p.bad || err != nil
	return rune(v)
}
