package analysis

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// A path says what an expression stands for among the things of the language:
//
//	eval, Array, Math.max     a global, or a member of one
//	globalThis                the global object
//	Array.prototype           the prototype of a class
//	Array#                    some instance of a class
//	Array#.map                a member of one
//	module:fs                 what require("fs") gives
//	?C, ?P                    the class of something unknown, and its prototype
//
// An empty path is unknown. Every way to make functions of text has the path
// Function, whatever it is spelled like.
const (
	globalPath   = "globalThis"
	evalPath     = "eval"
	functionPath = "Function"
	instance     = "#"
	modulePath   = "module:"
	classOf      = "?C"
	ownClass     = "?T" // the class of this
	protoOf      = "?P"
	maxPath      = 100
)

// path follows an expression to what it stands for.
func (a *analyzer) path(e ast.Expression) string {
	if e == nil {
		return ""
	}
	if p, known := a.paths[e]; known {
		return p
	}
	if a.folding >= maxDepth {
		return ""
	}
	a.paths[e] = ""
	a.folding++
	p := a.follow(e)
	a.folding--
	if len(p) > maxPath {
		p = ""
	}
	a.paths[e] = p
	return p
}

func (a *analyzer) follow(e ast.Expression) string {
	switch t := e.(type) {
	case *ast.Identifier:
		return a.followName(t)
	case *ast.ThisExpression:
		if a.atTop() {
			return globalPath
		}
	case *ast.DotExpression:
		return a.followMember(t.Left, t.Identifier.Name.String())
	case *ast.BracketExpression:
		if key, ok := a.fold(t.Member).asText(); ok {
			return a.followMember(t.Left, key)
		}
	case *ast.Optional:
		return a.path(t.Expression)
	case *ast.OptionalChain:
		return a.path(t.Expression)
	case *ast.SequenceExpression:
		return a.path(t.Sequence[len(t.Sequence)-1])
	case *ast.AssignExpression:
		if t.Operator == token.ASSIGN {
			return a.path(t.Right)
		}
	case *ast.AwaitExpression:
		return a.path(t.Argument)
	case *ast.ConditionalExpression:
		return either(a.path(t.Consequent), a.path(t.Alternate))
	case *ast.BinaryExpression:
		return a.followBinary(t)
	case *ast.CallExpression:
		return a.followCall(t)
	case *ast.NewExpression:
		return instanceOf(a.path(t.Callee))
	default:
		return ofKind(e)
	}
	return ""
}

// atTop reports whether this is the global object here.
func (a *analyzer) atTop() bool {
	own := 0
	for _, f := range a.functions {
		if _, arrow := f.(*ast.ArrowFunctionLiteral); !arrow {
			own++
		}
	}
	return own <= a.Outer
}

func (a *analyzer) followName(id *ast.Identifier) string {
	v := a.names.refs[id]
	name := id.Name.String()
	if v == nil {
		return globalMember(name)
	}
	from := v.init
	switch {
	case v.opaque:
		return ""
	case len(v.writes) == 1 && v.init == nil:
		from = v.assigned
	case len(v.writes) > 0:
		return ""
	}
	p := a.path(from)
	for _, key := range v.keys {
		p = member(p, key)
	}
	return p
}

func (a *analyzer) followMember(left ast.Expression, key string) string {
	switch left.(type) {
	case *ast.ThisExpression, *ast.SuperExpression:
		if p := a.path(left); p != "" {
			return member(p, key)
		}
		if key == "constructor" {
			return ownClass
		}
		return ""
	}
	return member(a.path(left), key)
}

func (a *analyzer) followBinary(t *ast.BinaryExpression) string {
	switch t.Operator {
	case token.LOGICAL_AND:
		return a.path(t.Right)
	case token.LOGICAL_OR, token.COALESCE:
		return either(a.path(t.Left), a.path(t.Right))
	case token.PLUS:
		if a.fold(t).kind == text {
			return "String#"
		}
	}
	return ""
}

// either is one of two paths; the more dangerous one when both are possible.
func either(x, y string) string {
	for _, p := range []string{evalPath, functionPath, globalPath} {
		if x == p || y == p {
			return p
		}
	}
	if x != "" {
		return x
	}
	return y
}

func (a *analyzer) followCall(t *ast.CallExpression) string {
	callee := a.path(t.Callee)
	arg := func(i int) ast.Expression {
		if i < len(t.ArgumentList) {
			return t.ArgumentList[i]
		}
		return nil
	}
	switch callee {
	case "require", "module.require":
		if name, ok := a.fold(arg(0)).asText(); ok {
			return modulePath + strings.TrimPrefix(name, "node:")
		}
		return ""
	case "Object.getPrototypeOf", "Reflect.getPrototypeOf":
		return member(a.path(arg(0)), "__proto__")
	case "Reflect.get":
		if key, ok := a.fold(arg(1)).asText(); ok {
			return member(a.path(arg(0)), key)
		}
		return ""
	case "Array", "String", "Object", "RegExp":
		return callee + instance
	}
	if base, bound := strings.CutSuffix(callee, ".bind"); bound {
		if strings.HasSuffix(base, ".call") || strings.HasSuffix(base, ".apply") {
			return "" // calls what it was bound to
		}
		return base
	}
	return a.followInner(t.Callee)
}

// followInner is what a function written right there returns, as in
// (function () { return this })().
func (a *analyzer) followInner(callee ast.Expression) string {
	var body ast.Node
	switch f := callee.(type) {
	case *ast.ArrowFunctionLiteral:
		body = f.Body
	case *ast.FunctionLiteral:
		body = f.Body
	}
	var result ast.Expression
	switch b := body.(type) {
	case *ast.ExpressionBody:
		result = b.Expression
	case *ast.BlockStatement:
		if len(b.List) != 1 {
			return ""
		}
		if r, ok := b.List[0].(*ast.ReturnStatement); ok {
			result = r.Argument
		}
	}
	if _, this := result.(*ast.ThisExpression); this {
		if _, function := callee.(*ast.FunctionLiteral); function {
			return globalPath
		}
	}
	return a.path(result)
}

// ofKind is the path of a literal.
func ofKind(e ast.Expression) string {
	switch e.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral:
		return functionPath + instance
	case *ast.ArrayLiteral:
		return "Array#"
	case *ast.ObjectLiteral:
		return "Object#"
	case *ast.StringLiteral, *ast.TemplateLiteral:
		return "String#"
	case *ast.NumberLiteral:
		return "Number#"
	case *ast.BooleanLiteral:
		return "Boolean#"
	case *ast.RegExpLiteral:
		return "RegExp#"
	}
	return ""
}

func instanceOf(class string) string {
	if class == functionPath || isClass(class) {
		return class + instance
	}
	return ""
}
