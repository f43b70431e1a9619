package analysis

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// recursion looks for functions that call themselves before anything could end
// them.
func (a *analyzer) recursion(n ast.Node) {
	r := recursion{names: a.names}
	var body ast.Node
	switch f := n.(type) {
	case *ast.FunctionLiteral:
		if f.Async || f.Generator {
			return
		}
		r.function, body = f, f.Body
	case *ast.ArrowFunctionLiteral:
		if f.Async {
			return
		}
		r.function, body = f, f.Body
	}
	parts := []ast.Node{body}
	if block, ok := body.(*ast.BlockStatement); ok {
		parts = parts[:0]
		for _, s := range block.List {
			parts = append(parts, s)
		}
	}
	for _, part := range parts {
		r.visit(part)
		if r.call != nil {
			a.report(r.call.Idx0(), ruleLoop, policy.Medium, "this function always calls itself; return before it when there is nothing left to do")
			return
		}
		exit := search{fold: a.fold, budget: &a.searches}
		if exit.visit(part); exit.leaves {
			return
		}
	}
}

// recursion searches what is certainly evaluated for a call of the function.
type recursion struct {
	names    *names
	function ast.Expression
	call     *ast.CallExpression
}

func (r *recursion) visit(n ast.Node) {
	if r.call != nil {
		return
	}
	switch t := n.(type) {
	case *ast.CallExpression:
		if r.isOwn(t.Callee) {
			r.call = t
			return
		}
		each(n, r.visit)
	case *ast.IfStatement:
		r.visit(t.Test)
	case *ast.ConditionalExpression:
		r.visit(t.Test)
	case *ast.SwitchStatement:
		r.visit(t.Discriminant)
	case *ast.WhileStatement:
		r.visit(t.Test)
	case *ast.BinaryExpression:
		r.visit(t.Left)
		if !logical(t.Operator) {
			r.visit(t.Right)
		}
	case *ast.AssignExpression:
		if t.Operator == token.ASSIGN {
			r.visit(t.Right)
		}
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral, *ast.FunctionDeclaration, *ast.ClassDeclaration,
		*ast.OptionalChain, *ast.TryStatement, *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement, *ast.LabelledStatement:
	default:
		each(n, r.visit)
	}
}

// isOwn reports whether an expression is the name of the function.
func (r *recursion) isOwn(e ast.Expression) bool {
	id, ok := e.(*ast.Identifier)
	if !ok {
		return false
	}
	v := r.names.refs[id]
	return v != nil && v.init == r.function && len(v.writes) == 0 && len(v.keys) == 0
}
