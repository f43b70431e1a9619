package analysis

import (
	"slices"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// visit resolves the names of a node and everything below it.
func (r *resolver) visit(n ast.Node) {
	r.moment++
	if r.depth++; r.depth <= maxDepth {
		r.enter(n)
	}
	r.depth--
}

func (r *resolver) enter(n ast.Node) {
	switch t := n.(type) {
	case *ast.Identifier:
		r.refer(t)
	case *ast.FunctionLiteral:
		r.inFunction(t.Name, t, t.ParameterList, t.DeclarationList, t.Body)
	case *ast.ArrowFunctionLiteral:
		r.inFunction(nil, nil, t.ParameterList, t.DeclarationList, t.Body)
	case *ast.ClassStaticBlock:
		r.inFunction(nil, nil, nil, t.DeclarationList, t.Block)
	case *ast.ClassLiteral:
		r.push()
		if t.Name != nil {
			r.holds(r.declare(t.Name.Name.String()), t)
		}
		each(t, r.visit)
		r.pop()
	case *ast.BlockStatement:
		r.block(t.List)
	case *ast.CatchStatement:
		r.push()
		r.opaque(t.Parameter)
		r.block(t.Body.List)
		r.pop()
	case *ast.SwitchStatement:
		r.visit(t.Discriminant)
		r.push()
		for _, c := range t.Body {
			r.lexical(c.Consequent)
		}
		for _, c := range t.Body {
			r.visit(c)
		}
		r.pop()
	case *ast.Binding:
		r.bind(t)
	case *ast.AssignExpression:
		r.assign(t)
	case *ast.UnaryExpression:
		if t.Operator == token.INCREMENT || t.Operator == token.DECREMENT {
			r.written(t.Operand, nil)
		}
		r.visit(t.Operand)
	default:
		r.loop(n)
	}
}

func (r *resolver) block(list []ast.Statement) {
	r.push()
	r.lexical(list)
	eachStatement(list, r.visit)
	r.pop()
}

// opaque declares the names of a pattern; no expression tells what they hold.
func (r *resolver) opaque(pattern ast.Expression) {
	if pattern == nil {
		return
	}
	r.declareOpaque(pattern)
	r.visit(pattern)
}

func (r *resolver) inFunction(name *ast.Identifier, own ast.Expression, params *ast.ParameterList, vars []*ast.VariableDeclaration, body ast.ConciseBody) {
	outer := r.function
	r.functions++
	r.function = r.functions
	r.push()
	if name != nil {
		r.holds(r.declare(name.Name.String()), own)
	}
	r.push()
	if own != nil {
		r.declare("arguments").opaque = true
	}
	if params != nil {
		for _, b := range params.List {
			r.declareOpaque(b.Target)
		}
		r.declareOpaque(params.Rest)
	}
	r.hoist(vars)
	block, isBlock := body.(*ast.BlockStatement)
	if isBlock {
		r.lexical(block.List)
	}
	if params != nil {
		for _, b := range params.List {
			each(b, r.visit)
		}
		one(params.Rest, r.visit)
	}
	if isBlock {
		eachStatement(block.List, r.visit)
	} else {
		each(body, r.visit)
	}
	r.pop()
	r.pop()
	r.function = outer
}

// bind handles a declaration with or without a value.
func (r *resolver) bind(b *ast.Binding) {
	r.visit(b.Target)
	if b.Initializer == nil {
		return
	}
	r.visit(b.Initializer)
	r.spread(b.Target, nil, func(id *ast.Identifier, keys []string, plain bool) {
		v := r.lookup(id.Name.String())
		switch {
		case v == nil:
		case plain:
			r.holds(v, b.Initializer, keys...)
		case v.init != nil || len(v.writes) > 0:
			r.wrote(v, nil)
		default:
			v.opaque = true
		}
	})
}

// spread calls f for the names of a pattern with the members they get; plain is
// false when no member tells what they hold.
func (r *resolver) spread(t ast.Expression, keys []string, f func(id *ast.Identifier, keys []string, plain bool)) {
	switch t := t.(type) {
	case *ast.Identifier:
		f(t, keys, true)
	case *ast.ObjectPattern:
		for _, p := range t.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				f(&p.Name, slices.Concat(keys, []string{p.Name.Name.String()}), true)
			case *ast.PropertyKeyed:
				key, ok := p.Key.(*ast.StringLiteral)
				if !ok || len(keys) > 10 {
					bound(p.Value, func(id *ast.Identifier) { f(id, nil, false) })
					continue
				}
				r.spread(p.Value, slices.Concat(keys, []string{key.Value.String()}), f)
			}
		}
		bound(t.Rest, func(id *ast.Identifier) { f(id, nil, false) })
	default:
		bound(t, func(id *ast.Identifier) { f(id, nil, false) })
	}
}

func (r *resolver) assign(t *ast.AssignExpression) {
	var value ast.Expression
	if t.Operator == token.ASSIGN {
		value = t.Right
	}
	r.written(t.Left, value)
	r.visit(t.Left)
	r.visit(t.Right)
}

// written notes that the names of a target get a value.
func (r *resolver) written(target, value ast.Expression) {
	_, plain := target.(*ast.Identifier)
	if !plain {
		value = nil
	}
	bound(target, func(id *ast.Identifier) {
		if v := r.lookup(id.Name.String()); v != nil {
			r.wrote(v, value)
		}
	})
}

// loop gives a for statement the scope its let and const live in.
func (r *resolver) loop(n ast.Node) {
	from := r.moment
	r.push()
	switch t := n.(type) {
	case *ast.ForStatement:
		if d, ok := t.Initializer.(*ast.ForLoopInitializerLexicalDecl); ok {
			for _, b := range d.LexicalDeclaration.List {
				r.declareAll(b.Target)
			}
		}
		if t.Initializer != nil {
			r.visit(t.Initializer)
		}
		from = r.moment // the first value is not a change
		one(t.Test, r.visit)
		one(t.Update, r.visit)
		r.visit(t.Body)
	case *ast.ForInStatement:
		r.into(t.Into)
		each(t, r.visit)
	case *ast.ForOfStatement:
		r.into(t.Into)
		each(t, r.visit)
	default:
		each(n, r.visit)
	}
	r.pop()
	switch n.(type) {
	case *ast.ForStatement, *ast.WhileStatement, *ast.DoWhileStatement:
		r.names.loops[n] = span{from, r.moment}
	}
}

func (r *resolver) into(into ast.ForInto) {
	switch t := into.(type) {
	case *ast.ForIntoVar:
		bound(t.Binding.Target, func(id *ast.Identifier) {
			if v := r.lookup(id.Name.String()); v != nil {
				r.wrote(v, nil)
			}
		})
	case *ast.ForDeclaration:
		r.declareOpaque(t.Target)
	case *ast.ForIntoExpression:
		r.written(t.Expression, nil)
	}
}
