package analysis

import (
	"encoding/base64"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/dop251/goja/ast"
)

// evaluateMember folds members and calls of constants, as in
// ["ev", "al"].join("").
func (a *analyzer) evaluateMember(e ast.Expression) constant {
	switch t := e.(type) {
	case *ast.Optional:
		return a.fold(t.Expression)
	case *ast.OptionalChain:
		return a.fold(t.Expression)
	case *ast.DotExpression:
		return memberOf(a.fold(t.Left), t.Identifier.Name.String())
	case *ast.BracketExpression:
		key, ok := a.fold(t.Member).asText()
		if !ok {
			return constant{}
		}
		return memberOf(a.fold(t.Left), key)
	case *ast.CallExpression:
		return a.evaluateCall(t)
	}
	return constant{}
}

func memberOf(c constant, key string) constant {
	index, isIndex := textual(key).asNumber()
	switch c.kind {
	case text:
		units := utf16.Encode([]rune(c.text))
		if key == "length" {
			return numeric(float64(len(units)))
		}
		if isIndex && index >= 0 && int(index) < len(units) && key != "" {
			return textual(string(utf16.Decode(units[int(index) : int(index)+1])))
		}
	case list:
		if key == "length" {
			return numeric(float64(len(c.list)))
		}
		if isIndex && index >= 0 && int(index) < len(c.list) && key != "" {
			return c.list[int(index)]
		}
	default:
	}
	return constant{}
}

func (a *analyzer) evaluateCall(t *ast.CallExpression) constant {
	args := make([]constant, 0, len(t.ArgumentList))
	for _, e := range t.ArgumentList {
		args = append(args, a.fold(e))
	}
	switch a.path(t.Callee) {
	case "String":
		if len(args) > 0 {
			if s, ok := args[0].asText(); ok {
				return textual(s)
			}
		}
		return constant{}
	case "String.fromCharCode", "String.fromCodePoint":
		return fromCodes(args)
	case "BigInt":
		return bigOf(args)
	case "atob":
		if len(args) > 0 && args[0].kind == text {
			if b, err := base64.StdEncoding.DecodeString(args[0].text); err == nil {
				return textual(string(b))
			}
		}
		return constant{}
	}
	name, on, ok := a.method(t.Callee)
	if !ok {
		return constant{}
	}
	switch c := a.fold(on); c.kind {
	case text:
		return textMethod(c.text, name, args)
	case list:
		return listMethod(c.list, name, args)
	default:
		return constant{}
	}
}

// method splits a callee into an object and the name of its method.
func (a *analyzer) method(callee ast.Expression) (name string, on ast.Expression, ok bool) {
	switch t := callee.(type) {
	case *ast.Optional:
		return a.method(t.Expression)
	case *ast.OptionalChain:
		return a.method(t.Expression)
	case *ast.DotExpression:
		return t.Identifier.Name.String(), t.Left, true
	case *ast.BracketExpression:
		if c := a.fold(t.Member); c.kind == text {
			return c.text, t.Left, true
		}
	}
	return "", nil, false
}

// bigOf is BigInt(value) of a whole number.
func bigOf(args []constant) constant {
	if len(args) == 0 {
		return constant{}
	}
	f, ok := args[0].asNumber()
	if !ok || math.IsInf(f, 0) || f != math.Trunc(f) {
		return constant{}
	}
	b, _ := big.NewFloat(f).Int(nil)
	return ofBig(b)
}

func fromCodes(args []constant) constant {
	var units []uint16
	for _, c := range args {
		f, ok := c.asNumber()
		if !ok || len(units) > maxText {
			return constant{}
		}
		units = append(units, uint16(int32of(f)))
	}
	return textual(string(utf16.Decode(units)))
}

func textMethod(s, name string, args []constant) constant {
	switch name {
	case "toString", "valueOf":
		return textual(s)
	case "toLowerCase":
		return textual(strings.ToLower(s))
	case "toUpperCase":
		return textual(strings.ToUpper(s))
	case "trim":
		return textual(strings.TrimSpace(s))
	case "concat":
		out, ok := joined(args, "")
		if ok {
			return textual(s + out)
		}
	case "split":
		return splitText(s, args)
	case "replace", "replaceAll":
		if len(args) == 2 && args[0].kind == text && args[1].kind == text && !strings.Contains(args[1].text, "$") {
			n := 1
			if name == "replaceAll" {
				n = -1
			}
			if len(s)*(len(args[1].text)+1) <= 16*maxText {
				return textual(strings.Replace(s, args[0].text, args[1].text, n))
			}
		}
	case "slice", "substring", "substr", "charAt", "at":
		return part(s, name, args)
	}
	return constant{}
}

func splitText(s string, args []constant) constant {
	if len(args) != 1 || args[0].kind != text || len(s) > maxList {
		return constant{}
	}
	c := constant{kind: list}
	for _, piece := range strings.Split(s, args[0].text) {
		c.list = append(c.list, textual(piece))
	}
	return c
}

// part cuts a piece out of an ASCII text; others are not worth the code.
func part(s, name string, args []constant) constant {
	bounds := []int{0, len(s)}
	for i, c := range args {
		f, ok := c.asNumber()
		if !ok || i > 1 || f != float64(int(f)) {
			return constant{}
		}
		if f < 0 && name != "substring" {
			f = max(f+float64(len(s)), 0)
		}
		bounds[i] = min(max(int(f), 0), len(s))
	}
	if strings.IndexFunc(s, func(r rune) bool { return r > 127 }) >= 0 {
		return constant{}
	}
	from, to := bounds[0], bounds[1]
	switch {
	case name == "charAt" || name == "at":
		to = min(from+1, len(s))
	case name == "substr" && len(args) > 1:
		to = min(from+to, len(s))
	case name == "substring" && to < from:
		from, to = to, from
	}
	return textual(s[from:max(from, to)])
}

func listMethod(all []constant, name string, args []constant) constant {
	switch name {
	case "join":
		separator := ","
		if len(args) > 0 && args[0].kind == text {
			separator = args[0].text
		}
		if s, ok := joined(all, separator); ok {
			return textual(s)
		}
	case "reverse":
		reversed := slices.Clone(all)
		slices.Reverse(reversed)
		return constant{kind: list, list: reversed}
	}
	return constant{}
}
