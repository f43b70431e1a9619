package analysis

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// call applies the rules about calls; made says that it is a new expression.
func (a *analyzer) call(n ast.Expression, callee ast.Expression, args []ast.Expression, made bool) {
	p := a.path(callee)
	switch {
	case turnsTextIntoCode(p):
		a.handled[bare(callee)] = true
		a.noEval(n, p)
	case p == "Reflect.construct" || p == "Reflect.apply":
		if len(args) > 0 {
			if q := a.path(args[0]); turnsTextIntoCode(q) {
				a.handled[args[0]] = true
				a.noEval(n, q)
			}
		}
	case p == "setTimeout" || p == "setInterval":
		if len(args) > 0 && a.fold(args[0]).kind == text {
			a.report(n.Idx0(), "no-eval", policy.High, "%s runs a text as code, which never works here; give it a function", p)
		}
	}
	a.callModule(n, p, args)
	a.callPrototype(n, p, args)
	a.callSize(n, p, callee, args, made)
	a.callRegexp(n, p, args)
}

func (a *analyzer) noEval(n ast.Node, p string) {
	name := "Function"
	if strings.HasPrefix(p, evalPath) {
		name = "eval"
	}
	a.report(n.Idx0(), "no-eval", policy.High, "%s turns text into code, which never works here; write the code itself", name)
}

// turnsTextIntoCode reports eval, Function and their call and apply.
func turnsTextIntoCode(p string) bool {
	switch p {
	case "eval", "Function", "eval.call", "eval.apply", "Function.call", "Function.apply":
		return true
	}
	return false
}

// bare is an expression without the marks of an optional chain.
func bare(e ast.Expression) ast.Expression {
	for {
		switch t := e.(type) {
		case *ast.Optional:
			e = t.Expression
		case *ast.OptionalChain:
			e = t.Expression
		case *ast.SequenceExpression:
			e = t.Sequence[len(t.Sequence)-1]
		default:
			return e
		}
	}
}

// mentioned reports eval and Function where they are handed on as values.
func (a *analyzer) mentioned(e ast.Expression) {
	switch t := e.(type) {
	case *ast.DotExpression:
		a.process(t, t.Left, t.Identifier.Name.String())
		a.innocent(t.Left)
	case *ast.BracketExpression:
		if key, ok := a.fold(t.Member).asText(); ok {
			a.process(t, t.Left, key)
		}
		a.innocent(t.Left)
	}
	id, named := e.(*ast.Identifier)
	if a.handled[e] || named && a.names.refs[id] != nil {
		return
	}
	switch p := a.path(e); {
	case p == evalPath:
		a.report(e.Idx0(), "no-eval", policy.High, "eval turns text into code, which never works here; do not hand it on")
	case p == functionPath && named: // reading x.constructor.constructor matters when it is called
		a.report(e.Idx0(), "no-eval", policy.Medium, "Function turns text into code, which never works here; do not hand it on")
	}
}

// innocent notes that only a member of Function or eval is read.
func (a *analyzer) innocent(left ast.Expression) {
	if turnsTextIntoCode(a.path(left)) {
		a.handled[bare(left)] = true
	}
}

// operator applies the rules about operators.
func (a *analyzer) operator(n ast.Node) {
	switch t := n.(type) {
	case *ast.UnaryExpression:
		switch t.Operator {
		case token.TYPEOF:
			a.handled[bare(t.Operand)] = true
		case token.INCREMENT, token.DECREMENT:
			a.write(t.Operand, writeValue)
		case token.DELETE:
			a.write(t.Operand, writeAway)
		}
	case *ast.AssignExpression:
		a.assigned(t)
	case *ast.BinaryExpression:
		switch t.Operator {
		case token.INSTANCEOF, token.EQUAL, token.STRICT_EQUAL, token.NOT_EQUAL, token.STRICT_NOT_EQUAL:
			a.handled[bare(t.Left)], a.handled[bare(t.Right)] = true, true
		default:
			a.bigSize(t)
		}
	}
}

func (a *analyzer) extends(c *ast.ClassLiteral) {
	if c.SuperClass != nil && a.path(c.SuperClass) == functionPath {
		a.handled[bare(c.SuperClass)] = true
		a.noEval(c, functionPath)
	}
}
