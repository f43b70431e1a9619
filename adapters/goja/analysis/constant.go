package analysis

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// kind is the type of a constant.
type kind byte

const (
	unknown kind = iota
	undefined
	null
	boolean
	number
	bigint
	text
	list
	object // some object, of which only its existence is known
)

// constant is a value known without running the program.
type constant struct {
	kind kind
	yes  bool
	num  float64
	big  *big.Int
	text string
	list []constant
}

const (
	maxText = 4 << 10 // bytes of a folded text; longer ones are unknown
	maxList = 1 << 10
	maxBits = 4 << 10 // of a folded bigint
)

func textual(s string) constant {
	if len(s) > maxText {
		return constant{}
	}
	return constant{kind: text, text: s}
}

func numeric(f float64) constant { return constant{kind: number, num: f} }
func truth(b bool) constant      { return constant{kind: boolean, yes: b} }

// truthy says whether the value counts as true; known is false when nobody knows.
func (c constant) truthy() (yes, known bool) {
	switch c.kind {
	case unknown:
		return false, false
	case undefined, null:
		return false, true
	case boolean:
		return c.yes, true
	case number:
		return c.num != 0 && !math.IsNaN(c.num), true
	case bigint:
		return c.big.Sign() != 0, true
	case text:
		return c.text != "", true
	case list, object:
		return true, true
	}
	return false, false
}

// asText is String(value).
func (c constant) asText() (string, bool) {
	switch c.kind {
	case undefined:
		return "undefined", true
	case null:
		return "null", true
	case boolean:
		return strconv.FormatBool(c.yes), true
	case number:
		return numberText(c.num)
	case bigint:
		return c.big.String(), true
	case text:
		return c.text, true
	case list:
		return joined(c.list, ",")
	case unknown, object:
	}
	return "", false
}

func numberText(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "NaN", true
	case math.IsInf(f, 1):
		return "Infinity", true
	case math.IsInf(f, -1):
		return "-Infinity", true
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return strconv.FormatInt(int64(f), 10), true
	}
	return "", false // JavaScript's own way to write it is not needed here
}

// asNumber is Number(value), for the values whose number is plain.
func (c constant) asNumber() (float64, bool) {
	switch c.kind {
	case undefined:
		return math.NaN(), true
	case null:
		return 0, true
	case boolean:
		if c.yes {
			return 1, true
		}
		return 0, true
	case number:
		return c.num, true
	case text:
		trimmed := strings.TrimSpace(c.text)
		if trimmed == "" {
			return 0, true
		}
		f, err := strconv.ParseFloat(trimmed, 64)
		return f, err == nil && !strings.ContainsAny(trimmed, "_xXpPiInN")
	case list:
		if s, ok := c.asText(); ok {
			return textual(s).asNumber()
		}
	case unknown, bigint, object:
	}
	return 0, false
}

// joined is what Array.prototype.join gives.
func joined(all []constant, separator string) (string, bool) {
	var b strings.Builder
	for i, c := range all {
		if i > 0 {
			b.WriteString(separator)
		}
		if c.kind == undefined || c.kind == null {
			continue
		}
		s, ok := c.asText()
		if !ok || b.Len()+len(s) > maxText {
			return "", false
		}
		b.WriteString(s)
	}
	return b.String(), true
}
