package analysis

import "github.com/dop251/goja/ast"

func eachOfExpression(n ast.Node, f func(ast.Node)) {
	switch t := n.(type) {
	case *ast.AssignExpression:
		f(t.Left)
		f(t.Right)
	case *ast.BinaryExpression:
		f(t.Left)
		f(t.Right)
	case *ast.UnaryExpression:
		f(t.Operand)
	case *ast.ConditionalExpression:
		f(t.Test)
		f(t.Consequent)
		f(t.Alternate)
	case *ast.SequenceExpression:
		several(t.Sequence, f)
	case *ast.CallExpression:
		f(t.Callee)
		several(t.ArgumentList, f)
	case *ast.NewExpression:
		f(t.Callee)
		several(t.ArgumentList, f)
	case *ast.DotExpression:
		f(t.Left)
	case *ast.PrivateDotExpression:
		f(t.Left)
	case *ast.BracketExpression:
		f(t.Left)
		f(t.Member)
	case *ast.Optional:
		one(t.Expression, f)
	case *ast.OptionalChain:
		one(t.Expression, f)
	case *ast.SpreadElement:
		one(t.Expression, f)
	case *ast.AwaitExpression:
		one(t.Argument, f)
	case *ast.YieldExpression:
		one(t.Argument, f)
	default:
		eachOfLiteral(n, f)
	}
}

func eachOfLiteral(n ast.Node, f func(ast.Node)) {
	switch t := n.(type) {
	case *ast.ArrayLiteral:
		several(t.Value, f)
	case *ast.ArrayPattern:
		several(t.Elements, f)
		one(t.Rest, f)
	case *ast.ObjectLiteral:
		for _, p := range t.Value {
			f(p)
		}
	case *ast.ObjectPattern:
		for _, p := range t.Properties {
			f(p)
		}
		one(t.Rest, f)
	case *ast.TemplateLiteral:
		one(t.Tag, f)
		several(t.Expressions, f)
	case *ast.Binding:
		f(t.Target)
		one(t.Initializer, f)
	case *ast.FunctionLiteral:
		f(t.ParameterList)
		f(t.Body)
	case *ast.ArrowFunctionLiteral:
		f(t.ParameterList)
		f(t.Body)
	case *ast.ClassLiteral:
		one(t.SuperClass, f)
		for _, e := range t.Body {
			f(e)
		}
	}
}

func eachOfProperty(n ast.Node, f func(ast.Node)) {
	switch t := n.(type) {
	case *ast.PropertyShort:
		f(&t.Name)
		one(t.Initializer, f)
	case *ast.PropertyKeyed:
		if t.Computed {
			f(t.Key)
		}
		f(t.Value)
	case *ast.SpreadElement:
		one(t.Expression, f)
	}
}
