package analysis

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

const ruleSize = "huge-size"

// Sizes in characters, elements or bytes. What is huge does not fit the default
// limits in any way; what is large may.
const (
	hugeSize  = 100_000_000
	largeSize = 1 << 25
)

// callSize finds calls that make giant values, of sizes written in the script.
func (a *analyzer) callSize(n ast.Node, p string, callee ast.Expression, args []ast.Expression, made bool) {
	if len(args) == 0 {
		return
	}
	if isBuiltin(root(p)) {
		for _, arg := range args {
			a.size(n, a.lengthOf(arg), "an array", "elements")
		}
	}
	size := a.fold(args[0])
	switch {
	case size.kind != number:
	case p == "Array" && len(args) == 1:
		a.size(n, size.num, "an array", "elements")
	case made && (p == "ArrayBuffer" || isTypedArray(p)), strings.HasPrefix(p, "Buffer.alloc"):
		a.size(n, size.num, "a buffer", "elements")
	default:
		a.textSize(n, callee, size.num)
	}
}

// textSize judges repeat, padStart and padEnd of what is a text for certain.
func (a *analyzer) textSize(n ast.Node, callee ast.Expression, size float64) {
	name, on, ok := a.method(callee)
	if !ok || name != "repeat" && name != "padStart" && name != "padEnd" {
		return
	}
	c := a.fold(on)
	if c.kind != text && a.path(on) != "String#" {
		return
	}
	if name == "repeat" && c.kind == text {
		size *= float64(len(c.text))
	}
	a.size(n, size, "a text", "characters")
}

func root(p string) string {
	name, _, _ := strings.Cut(p, ".")
	return strings.TrimSuffix(name, instance)
}

// lengthOf is the length an object literal claims to have, as in {length: 1e9}.
func (a *analyzer) lengthOf(e ast.Expression) float64 {
	literal, ok := e.(*ast.ObjectLiteral)
	if !ok {
		return 0
	}
	for _, property := range literal.Value {
		p, keyed := property.(*ast.PropertyKeyed)
		if !keyed {
			continue
		}
		if key, known := a.fold(p.Key).asText(); known && key == "length" {
			if c := a.fold(p.Value); c.kind == number {
				return c.num
			}
		}
	}
	return 0
}

// bigSize finds bigint operations with giant results.
func (a *analyzer) bigSize(t *ast.BinaryExpression) {
	var bits func(x, y *big.Int) (float64, bool)
	switch t.Operator {
	case token.EXPONENT:
		bits = powerBits
	case token.SHIFT_LEFT:
		bits = shiftBits
	default:
		return
	}
	left, right := a.fold(t.Left), a.fold(t.Right)
	if left.kind != bigint || right.kind != bigint {
		return
	}
	if size, ok := bits(left.big, right.big); ok {
		a.size(t, size, "a bigint", "bits")
	}
}

func (a *analyzer) size(n ast.Node, size float64, what, unit string) {
	severity := policy.High
	switch {
	case size >= hugeSize:
	case size >= largeSize:
		severity = policy.Medium
	default:
		return
	}
	a.report(n.Idx0(), ruleSize, severity, "%s of %s %s does not fit the limits; make it smaller", what, sizeText(size), unit)
}

func sizeText(size float64) string {
	if size < 1e15 {
		return strconv.FormatFloat(size, 'f', -1, 64)
	}
	return strconv.FormatFloat(size, 'g', 3, 64)
}
