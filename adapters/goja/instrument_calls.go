package goja

import (
	"github.com/dop251/goja/ast"
)

// function counts the calls of a function at the start of its body, after its
// directives. Its parameters count too: a generator's body starts late, and one
// that throws while it reads them never starts.
func (in *instrumenter) function(f *ast.FunctionLiteral) {
	if f == in.exempt {
		return
	}
	f.Body.List = in.counted(f.Body.List, f)
	in.initializers(f.ParameterList)
}

// counted is the statements of a body with a site before the first.
func (in *instrumenter) counted(list []ast.Statement, owner ast.Node) []ast.Statement {
	directives := 0
	for _, s := range list {
		e, ok := s.(*ast.ExpressionStatement)
		if !ok {
			break
		}
		if _, ok := e.Expression.(*ast.StringLiteral); !ok {
			break
		}
		directives++
	}
	with := make([]ast.Statement, 0, len(list)+1)
	with = append(with, list[:directives]...)
	with = append(with, in.tick(1, owner.Idx0()))
	return append(with, list[directives:]...)
}

func (in *instrumenter) initializers(params *ast.ParameterList) {
	if params == nil {
		return
	}
	for _, b := range params.List {
		b.Initializer = in.guarded(b.Initializer)
		in.pattern(b.Target)
	}
	in.pattern(params.Rest)
}

// guarded is an initializer that counts when it runs.
func (in *instrumenter) guarded(e ast.Expression) ast.Expression {
	if !runs(e) {
		return e
	}
	return in.before(1, e.Idx0(), e)
}

// pattern counts in the initializers and computed keys of a pattern.
func (in *instrumenter) pattern(target ast.Expression) {
	switch t := target.(type) {
	case *ast.AssignExpression:
		t.Right = in.guarded(t.Right)
		in.pattern(t.Left)
	case *ast.ArrayPattern:
		for _, e := range t.Elements {
			in.pattern(e)
		}
		in.pattern(t.Rest)
	case *ast.ObjectPattern:
		for _, property := range t.Properties {
			in.pattern(property)
		}
		in.pattern(t.Rest)
	case *ast.PropertyShort:
		t.Initializer = in.guarded(t.Initializer)
	case *ast.PropertyKeyed:
		if t.Computed {
			t.Key = in.guarded(t.Key)
		}
		in.pattern(t.Value)
	}
}

func (in *instrumenter) arrow(f *ast.ArrowFunctionLiteral) {
	in.initializers(f.ParameterList)
	switch body := f.Body.(type) {
	case *ast.BlockStatement:
		body.List = in.counted(body.List, f)
	case *ast.ExpressionBody:
		body.Expression = in.before(1, f.Idx0(), body.Expression)
	}
}

// class counts what runs without a function around it: the first field of every
// new object, and static blocks. Constructors and methods are functions.
func (in *instrumenter) class(c *ast.ClassLiteral) {
	fields := false
	for _, e := range c.Body {
		switch e := e.(type) {
		case *ast.FieldDefinition:
			if !fields && !e.Static && runs(e.Initializer) {
				fields = true
				e.Initializer = in.before(1, e.Idx0(), e.Initializer)
			}
		case *ast.ClassStaticBlock:
			e.Block.List = in.counted(e.Block.List, e)
		}
	}
}

// runs reports whether an initializer may run code. Functions and classes only
// take their names from what they initialize, and must stay where they are.
func runs(initializer ast.Expression) bool {
	switch initializer.(type) {
	case nil, *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral,
		*ast.NumberLiteral, *ast.StringLiteral, *ast.BooleanLiteral, *ast.NullLiteral, *ast.Identifier:
		return false
	}
	return true
}
