package goja

import (
	"reflect"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
	"github.com/dop251/goja/unistring"
)

// instrumenter puts sites into a syntax tree: at every loop turn and call of a
// function, and, when it marks, in front of what may keep the engine busy. It
// changes nodes, never text, so that every place stays where it was; and it adds
// nothing a script can see.
type instrumenter struct {
	sites   *siteTable
	under   bool                  // inside a with statement
	marks   *marker               // nil when only counting
	exempt  *ast.FunctionLiteral  // not the author's: what a transpiled body stands in
	chained map[ast.Node]struct{} // the spines of optional chains, which must stay whole
}

// mode is how a source is compiled beyond its text.
type mode struct {
	counted bool // loop turns and calls are counted
	marked  bool // what may take long says where it is, too
}

// instrument adds sites to a tree and returns their table; nil when there is
// nothing to tell.
func instrument(p parsed, s source) *siteTable {
	if !s.counted && !s.marked {
		return nil
	}
	in := &instrumenter{sites: &siteTable{file: p.tree.File, text: unistring.NewFromString(meterName + s.name)}, chained: map[ast.Node]struct{}{}}
	if s.marked {
		in.marks = newMarker(p.tree, s.code)
	}
	if p.wrapper == nil {
		in.fields(p.tree)
	} else {
		in.exempt = p.body
		in.fields(p.wrapper)
	}
	if len(in.sites.list) == 0 {
		return nil
	}
	switch s.shape {
	case bodyShape:
		p.tree.Body = handing(p.tree.Body)
	case moduleShape:
		p.tree.Body = taking(p.tree.Body)
	case programShape: // the meter is a constant of the run
	}
	return in.sites
}

// handing turns `call` into `{ const meter = handed; delete handed; call }`.
func handing(call []ast.Statement) []ast.Statement {
	at := call[0].Idx0()
	handed := &ast.Identifier{Name: meterHanded, Idx: at}
	return []ast.Statement{&ast.BlockStatement{LeftBrace: at, RightBrace: at, List: append([]ast.Statement{
		&ast.LexicalDeclaration{Idx: at, Token: token.CONST, List: []*ast.Binding{
			{Target: &ast.Identifier{Name: meterName, Idx: at}, Initializer: handed},
		}},
		&ast.ExpressionStatement{Expression: &ast.UnaryExpression{Operator: token.DELETE, Idx: at, Operand: handed}},
	}, call...)}}
}

// taking turns `(function(...) {...})` into a function from the meter to that.
func taking(wrapper []ast.Statement) []ast.Statement {
	at := wrapper[0].Idx0()
	inner, ok := wrapper[0].(*ast.ExpressionStatement)
	if !ok {
		return wrapper
	}
	return []ast.Statement{&ast.ExpressionStatement{Expression: &ast.FunctionLiteral{
		Function:      at,
		ParameterList: &ast.ParameterList{List: []*ast.Binding{{Target: &ast.Identifier{Name: meterName, Idx: at}}}},
		Body: &ast.BlockStatement{LeftBrace: at, RightBrace: at, List: []ast.Statement{
			&ast.ReturnStatement{Return: at, Argument: inner.Expression},
		}},
	}}}
}

// tick is the statement that counts.
func (in *instrumenter) tick(weight int, at file.Idx) ast.Statement {
	return &ast.ExpressionStatement{Expression: in.sites.read(weight, at, in.under)}
}

// before is an expression with a site in front of it.
func (in *instrumenter) before(weight int, at file.Idx, e ast.Expression) ast.Expression {
	return &ast.SequenceExpression{Sequence: []ast.Expression{in.sites.read(weight, at, in.under), e}}
}

// fields works through what a node holds. Declarations that the parser collects
// beside the statements are the same nodes again.
func (in *instrumenter) fields(node ast.Node) {
	v := reflect.ValueOf(node)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return
	}
	v = v.Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Name != "DeclarationList" {
			in.children(v.Field(i))
		}
	}
}

func (in *instrumenter) children(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		node, ok := v.Interface().(ast.Node)
		if !ok {
			return
		}
		if other := in.node(node); other != node {
			v.Set(reflect.ValueOf(other))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if node, ok := v.Interface().(ast.Node); ok {
			in.node(node)
		}
	case reflect.Slice:
		for i := range v.Len() {
			in.children(v.Index(i))
		}
	case reflect.Struct:
		if v.CanAddr() {
			in.children(v.Addr())
		}
	default: // positions, texts, operators
	}
}

// node works through a node, innermost first, and returns what shall stand in
// its place.
func (in *instrumenter) node(node ast.Node) ast.Node {
	switch t := node.(type) {
	case *ast.WithStatement:
		in.with(t)
		return t
	case *ast.OptionalChain:
		in.chain(t.Expression)
	}
	times := unrollable(node)
	in.fields(node)
	switch t := node.(type) {
	case *ast.FunctionLiteral:
		in.function(t)
	case *ast.ArrowFunctionLiteral:
		in.arrow(t)
	case *ast.ClassLiteral:
		in.class(t)
	case *ast.ForStatement, *ast.WhileStatement, *ast.DoWhileStatement, *ast.ForInStatement, *ast.ForOfStatement:
		return in.loop(t, times)
	default:
		if e, ok := node.(ast.Expression); ok && in.marks != nil {
			in.mark(e)
		}
	}
	return node
}

func (in *instrumenter) with(t *ast.WithStatement) {
	in.children(reflect.ValueOf(&t.Object).Elem())
	outer := in.under
	in.under = true
	in.children(reflect.ValueOf(&t.Body).Elem())
	in.under = outer
}

// chain notes the spine of an optional chain: a?.b.c() is one.
func (in *instrumenter) chain(e ast.Expression) {
	for e != nil {
		in.chained[e] = struct{}{}
		switch t := e.(type) {
		case *ast.Optional:
			e = t.Expression
		case *ast.CallExpression:
			e = t.Callee
		case *ast.DotExpression:
			e = t.Left
		case *ast.PrivateDotExpression:
			e = t.Left
		case *ast.BracketExpression:
			e = t.Left
		default:
			return
		}
	}
}
