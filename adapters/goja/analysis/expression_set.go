package analysis

import (
	"slices"
	"unicode"
)

// set is the characters that may stand at one place, as ranges in order that do
// not touch.
type set []span32

type span32 struct{ from, to rune }

func newSet(spans ...span32) set {
	slices.SortFunc(spans, func(x, y span32) int { return int(x.from - y.from) })
	var out set
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.from <= out[last].to+1 {
			out[last].to = max(out[last].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

func (s set) negated() set {
	var out set
	from := rune(0)
	for _, r := range s {
		if r.from > from {
			out = append(out, span32{from, r.from - 1})
		}
		from = r.to + 1
	}
	if from <= unicode.MaxRune {
		out = append(out, span32{from, unicode.MaxRune})
	}
	return out
}

func (s set) overlaps(other set) bool {
	for i, j := 0, 0; i < len(s) && j < len(other); {
		switch {
		case s[i].to < other[j].from:
			i++
		case other[j].to < s[i].from:
			j++
		default:
			return true
		}
	}
	return false
}

// folded adds the other case of ASCII letters.
func (s set) folded() set {
	spans := slices.Clone(s)
	for _, r := range s {
		if from, to := max(r.from, 'a'), min(r.to, 'z'); from <= to {
			spans = append(spans, span32{from - 32, to - 32})
		}
		if from, to := max(r.from, 'A'), min(r.to, 'Z'); from <= to {
			spans = append(spans, span32{from + 32, to + 32})
		}
	}
	return newSet(spans...)
}

// namedSet is what \d, \w, \s and their opposites match.
func namedSet(name byte) (set, bool) {
	switch name {
	case 'd':
		return newSet(span32{'0', '9'}), true
	case 'w':
		return newSet(span32{'0', '9'}, span32{'A', 'Z'}, span32{'_', '_'}, span32{'a', 'z'}), true
	case 's':
		return newSet(span32{'\t', '\r'}, span32{' ', ' '}, span32{0xa0, 0xa0}, span32{0x1680, 0x1680}, span32{0x2000, 0x200a},
			span32{0x2028, 0x2029}, span32{0x202f, 0x202f}, span32{0x205f, 0x205f}, span32{0x3000, 0x3000}, span32{0xfeff, 0xfeff}), true
	case 'D', 'W', 'S':
		s, _ := namedSet(name + 'a' - 'A')
		return s.negated(), true
	}
	return nil, false
}
