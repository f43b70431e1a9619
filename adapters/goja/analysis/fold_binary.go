package analysis

import (
	"math"
	"math/big"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

func (a *analyzer) binary(t *ast.BinaryExpression) constant {
	if logical(t.Operator) {
		return a.logic(t)
	}
	left, right := a.fold(t.Left), a.fold(t.Right)
	switch {
	case left.kind == unknown || right.kind == unknown || left.kind == object || right.kind == object:
		return constant{}
	case left.kind == bigint && right.kind == bigint:
		return bigOperation(t.Operator, left.big, right.big)
	case t.Operator == token.PLUS && !arithmetic(left, right):
		x, known := left.asText()
		y, both := right.asText()
		if known && both {
			return textual(x + y)
		}
		return constant{}
	}
	if c, ok := compared(t.Operator, left, right); ok {
		return c
	}
	x, known := left.asNumber()
	y, both := right.asNumber()
	if known && both {
		return operation(t.Operator, x, y)
	}
	return constant{}
}

func logical(op token.Token) bool {
	return op == token.LOGICAL_AND || op == token.LOGICAL_OR || op == token.COALESCE
}

func (a *analyzer) logic(t *ast.BinaryExpression) constant {
	left := a.fold(t.Left)
	yes, known := left.truthy()
	goesOn := left.kind == undefined || left.kind == null
	if t.Operator != token.COALESCE {
		goesOn = yes == (t.Operator == token.LOGICAL_AND)
	}
	switch {
	case !known:
		return constant{}
	case goesOn:
		return a.fold(t.Right)
	default:
		return left
	}
}

// arithmetic reports whether + adds instead of joining texts.
func arithmetic(x, y constant) bool {
	for _, c := range []constant{x, y} {
		switch c.kind {
		case text, list, object, bigint:
			return false
		case unknown, undefined, null, boolean, number:
		}
	}
	return true
}

// compared compares texts, and values of the same plain type.
func compared(op token.Token, x, y constant) (constant, bool) {
	if x.kind == text && y.kind == text {
		return comparedTexts(op, x.text, y.text)
	}
	if x.kind == list || y.kind == list {
		return constant{}, op != token.PLUS
	}
	nothing := func(c constant) bool { return c.kind == undefined || c.kind == null }
	switch op {
	case token.STRICT_EQUAL:
		if x.kind != y.kind {
			return truth(false), true
		}
	case token.STRICT_NOT_EQUAL:
		if x.kind != y.kind {
			return truth(true), true
		}
	case token.EQUAL, token.NOT_EQUAL:
	default:
		return constant{}, false
	}
	if nothing(x) || nothing(y) {
		same := nothing(x) && nothing(y)
		return truth(same == (op == token.EQUAL || op == token.STRICT_EQUAL)), true
	}
	return constant{}, false
}

func comparedTexts(op token.Token, x, y string) (constant, bool) {
	switch op {
	case token.EQUAL, token.STRICT_EQUAL:
		return truth(x == y), true
	case token.NOT_EQUAL, token.STRICT_NOT_EQUAL:
		return truth(x != y), true
	case token.LESS, token.LESS_OR_EQUAL, token.GREATER, token.GREATER_OR_EQUAL:
		return constant{}, true // by UTF-16 units, which is not worth the code
	}
	return constant{}, false
}

func operation(op token.Token, x, y float64) constant {
	switch op {
	case token.PLUS:
		return numeric(x + y)
	case token.MINUS:
		return numeric(x - y)
	case token.MULTIPLY:
		return numeric(x * y)
	case token.SLASH:
		return numeric(x / y)
	case token.REMAINDER:
		return numeric(math.Mod(x, y))
	case token.EXPONENT:
		return numeric(math.Pow(x, y))
	case token.LESS:
		return truth(x < y)
	case token.LESS_OR_EQUAL:
		return truth(x <= y)
	case token.GREATER:
		return truth(x > y)
	case token.GREATER_OR_EQUAL:
		return truth(x >= y)
	case token.EQUAL, token.STRICT_EQUAL:
		return truth(x == y)
	case token.NOT_EQUAL, token.STRICT_NOT_EQUAL:
		return truth(x != y)
	}
	return bitOperation(op, int32of(x), int32of(y))
}

func bitOperation(op token.Token, x, y int32) constant {
	switch op {
	case token.AND:
		return numeric(float64(x & y))
	case token.OR:
		return numeric(float64(x | y))
	case token.EXCLUSIVE_OR:
		return numeric(float64(x ^ y))
	case token.SHIFT_LEFT:
		return numeric(float64(x << (uint32(y) & 31)))
	case token.SHIFT_RIGHT:
		return numeric(float64(x >> (uint32(y) & 31)))
	case token.UNSIGNED_SHIFT_RIGHT:
		return numeric(float64(uint32(x) >> (uint32(y) & 31)))
	}
	return constant{}
}

// bigOperation never makes a value of many bits.
func bigOperation(op token.Token, x, y *big.Int) constant {
	out := new(big.Int)
	switch op {
	case token.PLUS:
		return ofBig(out.Add(x, y))
	case token.MINUS:
		return ofBig(out.Sub(x, y))
	case token.MULTIPLY:
		return ofBig(out.Mul(x, y))
	case token.EXPONENT:
		if bits, ok := powerBits(x, y); ok && bits <= maxBits {
			return ofBig(out.Exp(x, y, nil))
		}
	case token.SHIFT_LEFT:
		if bits, ok := shiftBits(x, y); ok && bits <= maxBits && y.Sign() >= 0 {
			return ofBig(out.Lsh(x, uint(y.Uint64())))
		}
	case token.LESS:
		return truth(x.Cmp(y) < 0)
	case token.GREATER:
		return truth(x.Cmp(y) > 0)
	case token.EQUAL, token.STRICT_EQUAL:
		return truth(x.Cmp(y) == 0)
	case token.NOT_EQUAL, token.STRICT_NOT_EQUAL:
		return truth(x.Cmp(y) != 0)
	}
	return constant{}
}

// powerBits is about how many bits x**y has.
func powerBits(x, y *big.Int) (float64, bool) {
	if y.Sign() < 0 {
		return 0, false
	}
	if x.BitLen() <= 1 { // 0, 1, -1
		return 1, true
	}
	f, _ := new(big.Float).SetInt(y).Float64()
	return f * float64(x.BitLen()-1), true
}

// shiftBits is how many bits x<<y has.
func shiftBits(x, y *big.Int) (float64, bool) {
	if x.Sign() == 0 {
		return 1, true
	}
	f, _ := new(big.Float).SetInt(y).Float64()
	return f + float64(x.BitLen()), true
}
