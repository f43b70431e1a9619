package analysis

import "github.com/dop251/goja/ast"

// each calls f for the nodes directly below a node, in source order.
func each(n ast.Node, f func(ast.Node)) {
	switch n.(type) {
	case ast.Statement:
		eachOfStatement(n, f)
	case ast.Property:
		eachOfProperty(n, f)
	case ast.Expression:
		eachOfExpression(n, f)
	default:
		eachOfRest(n, f)
	}
}

// one calls f for a node that may be missing.
func one(e ast.Expression, f func(ast.Node)) {
	if e != nil {
		f(e)
	}
}

func several(list []ast.Expression, f func(ast.Node)) {
	for _, e := range list {
		one(e, f)
	}
}

func eachStatement(list []ast.Statement, f func(ast.Node)) {
	for _, s := range list {
		f(s)
	}
}

func eachBinding(list []*ast.Binding, f func(ast.Node)) {
	for _, b := range list {
		f(b)
	}
}

func eachOfStatement(n ast.Node, f func(ast.Node)) {
	switch t := n.(type) {
	case *ast.BlockStatement:
		eachStatement(t.List, f)
	case *ast.ExpressionStatement:
		f(t.Expression)
	case *ast.VariableStatement:
		eachBinding(t.List, f)
	case *ast.LexicalDeclaration:
		eachBinding(t.List, f)
	case *ast.FunctionDeclaration:
		f(t.Function)
	case *ast.ClassDeclaration:
		f(t.Class)
	case *ast.LabelledStatement:
		f(t.Statement)
	case *ast.IfStatement:
		f(t.Test)
		f(t.Consequent)
		if t.Alternate != nil {
			f(t.Alternate)
		}
	case *ast.SwitchStatement:
		f(t.Discriminant)
		for _, c := range t.Body {
			f(c)
		}
	case *ast.CaseStatement:
		one(t.Test, f)
		eachStatement(t.Consequent, f)
	case *ast.TryStatement:
		eachOfTry(t, f)
	case *ast.CatchStatement:
		if t.Parameter != nil {
			f(t.Parameter)
		}
		f(t.Body)
	default:
		eachOfLoop(n, f)
	}
}

func eachOfTry(t *ast.TryStatement, f func(ast.Node)) {
	f(t.Body)
	if t.Catch != nil {
		f(t.Catch)
	}
	if t.Finally != nil {
		f(t.Finally)
	}
}

// eachOfLoop handles loops and the statements that are left.
func eachOfLoop(n ast.Node, f func(ast.Node)) {
	switch t := n.(type) {
	case *ast.ForStatement:
		if t.Initializer != nil {
			f(t.Initializer)
		}
		one(t.Test, f)
		one(t.Update, f)
		f(t.Body)
	case *ast.ForInStatement:
		f(t.Into)
		f(t.Source)
		f(t.Body)
	case *ast.ForOfStatement:
		f(t.Into)
		f(t.Source)
		f(t.Body)
	case *ast.WhileStatement:
		f(t.Test)
		f(t.Body)
	case *ast.DoWhileStatement:
		f(t.Body)
		f(t.Test)
	case *ast.WithStatement:
		f(t.Object)
		f(t.Body)
	case *ast.ReturnStatement:
		one(t.Argument, f)
	case *ast.ThrowStatement:
		one(t.Argument, f)
	}
}

// eachOfRest handles what is neither statement nor expression.
func eachOfRest(n ast.Node, f func(ast.Node)) {
	switch t := n.(type) {
	case *ast.ForLoopInitializerExpression:
		f(t.Expression)
	case *ast.ForLoopInitializerVarDeclList:
		eachBinding(t.List, f)
	case *ast.ForLoopInitializerLexicalDecl:
		eachBinding(t.LexicalDeclaration.List, f)
	case *ast.ForIntoVar:
		f(t.Binding)
	case *ast.ForDeclaration:
		f(t.Target)
	case *ast.ForIntoExpression:
		f(t.Expression)
	case *ast.ParameterList:
		if t != nil {
			eachBinding(t.List, f)
			one(t.Rest, f)
		}
	case *ast.ExpressionBody:
		f(t.Expression)
	case *ast.FieldDefinition:
		if t.Computed {
			f(t.Key)
		}
		one(t.Initializer, f)
	case *ast.MethodDefinition:
		if t.Computed {
			f(t.Key)
		}
		f(t.Body)
	case *ast.ClassStaticBlock:
		f(t.Block)
	}
}
