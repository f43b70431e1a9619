package analysis

import (
	"math"
	"math/big"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// fold evaluates an expression as far as it is constant.
func (a *analyzer) fold(e ast.Expression) constant {
	if e == nil {
		return constant{}
	}
	if c, known := a.constants[e]; known {
		return c
	}
	if a.folding >= maxDepth {
		return constant{}
	}
	a.constants[e] = constant{} // what refers to itself is unknown
	a.folding++
	c := a.evaluate(e)
	a.folding--
	a.constants[e] = c
	return c
}

func (a *analyzer) evaluate(e ast.Expression) constant {
	switch t := e.(type) {
	case *ast.StringLiteral:
		return textual(t.Value.String())
	case *ast.NumberLiteral:
		return ofLiteral(t.Value)
	case *ast.BooleanLiteral:
		return truth(t.Value)
	case *ast.NullLiteral:
		return constant{kind: null}
	case *ast.TemplateLiteral:
		return a.template(t)
	case *ast.ArrayLiteral:
		return a.array(t)
	case *ast.ObjectLiteral, *ast.RegExpLiteral, *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral, *ast.NewExpression:
		return constant{kind: object}
	case *ast.Identifier:
		return a.variable(t)
	case *ast.SequenceExpression:
		return a.fold(t.Sequence[len(t.Sequence)-1])
	case *ast.AssignExpression:
		if t.Operator == token.ASSIGN {
			return a.fold(t.Right)
		}
	case *ast.ConditionalExpression:
		return a.choice(t)
	case *ast.UnaryExpression:
		return unary(t, a.fold(t.Operand))
	case *ast.BinaryExpression:
		return a.binary(t)
	default:
		return a.evaluateMember(e)
	}
	return constant{}
}

func (a *analyzer) choice(t *ast.ConditionalExpression) constant {
	yes, known := a.fold(t.Test).truthy()
	switch {
	case !known:
		return constant{}
	case yes:
		return a.fold(t.Consequent)
	default:
		return a.fold(t.Alternate)
	}
}

func ofLiteral(v any) constant {
	switch v := v.(type) {
	case int64:
		return numeric(float64(v))
	case float64:
		return numeric(v)
	case *big.Int:
		return ofBig(v)
	}
	return constant{}
}

func ofBig(b *big.Int) constant {
	if b.BitLen() > maxBits {
		return constant{}
	}
	return constant{kind: bigint, big: b}
}

func (a *analyzer) template(t *ast.TemplateLiteral) constant {
	if t.Tag != nil {
		return constant{}
	}
	out := ""
	for i, part := range t.Elements {
		out += part.Parsed.String()
		if i < len(t.Expressions) {
			s, ok := a.fold(t.Expressions[i]).asText()
			if !ok {
				return constant{}
			}
			out += s
		}
		if len(out) > maxText {
			return constant{}
		}
	}
	return textual(out)
}

// array is a list when all its elements are known, and else some object.
func (a *analyzer) array(t *ast.ArrayLiteral) constant {
	c := constant{kind: list}
	for _, e := range t.Value {
		element := a.fold(e)
		if element.kind == unknown || len(c.list) >= maxList {
			return constant{kind: object}
		}
		c.list = append(c.list, element)
	}
	return c
}

// variable is the value of a name that gets one value only. A list may change
// without being assigned, and a name the runtime fills in is not known.
func (a *analyzer) variable(id *ast.Identifier) constant {
	name := id.Name.String()
	v := a.names.refs[id]
	if v == nil {
		switch name {
		case "undefined":
			return constant{kind: undefined}
		case "NaN":
			return numeric(math.NaN())
		case "Infinity":
			return numeric(math.Inf(1))
		}
		return constant{}
	}
	if v.opaque || len(v.writes) > 0 || len(v.keys) > 0 || a.provided(name) {
		return constant{}
	}
	if v.init == nil {
		return constant{kind: undefined}
	}
	c := a.fold(v.init)
	if c.kind == list {
		return constant{kind: object}
	}
	return c
}

func (a *analyzer) provided(name string) bool { return a.Provided != nil && a.Provided(name) }

func unary(t *ast.UnaryExpression, c constant) constant {
	switch t.Operator {
	case token.NOT:
		if yes, known := c.truthy(); known {
			return truth(!yes)
		}
	case token.MINUS:
		if c.kind == bigint {
			return ofBig(new(big.Int).Neg(c.big))
		}
		if f, ok := c.asNumber(); ok {
			return numeric(-f)
		}
	case token.PLUS:
		if f, ok := c.asNumber(); ok && c.kind != bigint {
			return numeric(f)
		}
	case token.BITWISE_NOT:
		if f, ok := c.asNumber(); ok {
			return numeric(float64(^int32of(f)))
		}
	case token.VOID:
		return constant{kind: undefined}
	}
	return constant{}
}

// int32of is what JavaScript's bit operators make of a number.
func int32of(f float64) int32 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return int32(uint32(int64(math.Mod(math.Trunc(f), 1<<32))))
}
