package goja

import "github.com/dop251/goja/ast"

// visit walks one node; the scopes are here, the rest is generic.
func (n *namer) visit(node ast.Node) {
	if n.depth++; n.depth > maxTreeDepth {
		n.names.deep = true
	}
	if !n.names.deep {
		n.enter(node)
	}
	n.depth--
}

func (n *namer) enter(node ast.Node) {
	switch t := node.(type) {
	case *ast.Identifier:
		if t != nil {
			n.mention(t.Name.String())
		}
	case *ast.ThisExpression:
		n.names.whole = true
	case *ast.FunctionLiteral:
		n.function(t.Name, t.ParameterList, t.DeclarationList, t.Body, true)
	case *ast.ArrowFunctionLiteral:
		n.function(nil, t.ParameterList, t.DeclarationList, t.Body, false)
	case *ast.ClassLiteral:
		n.class(t)
	case *ast.BlockStatement:
		if t != nil {
			n.block(t.List, nil)
		}
	case *ast.CatchStatement:
		if t != nil {
			n.block(t.Body.List, t.Parameter)
		}
	case *ast.SwitchStatement:
		n.switchBody(t)
	case *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement:
		n.loop(t)
	default:
		n.member(node)
	}
}

// member handles the nodes that hold names which are not variables.
func (n *namer) member(node ast.Node) {
	switch t := node.(type) {
	case *ast.DotExpression:
		n.visit(t.Left)
	case *ast.PrivateDotExpression:
		n.visit(t.Left)
	case *ast.PropertyKeyed:
		if t.Computed {
			n.visit(t.Key)
		}
		n.visit(t.Value)
	case *ast.LabelledStatement:
		n.visit(t.Statement)
	case *ast.MetaProperty, *ast.BranchStatement, *ast.PrivateIdentifier:
	default:
		n.fields(node)
	}
}

func (n *namer) function(name *ast.Identifier, params *ast.ParameterList, vars []*ast.VariableDeclaration, body ast.ConciseBody, own bool) {
	n.push()
	defer n.pop()
	if own {
		n.declare("arguments")
	}
	if name != nil {
		n.declare(name.Name.String())
	}
	if params != nil {
		n.bindings(params.List)
		n.target(params.Rest)
	}
	n.vars(vars)
	block, isBlock := body.(*ast.BlockStatement)
	if isBlock {
		n.lexical(block.List)
	}
	if params != nil {
		n.fields(params)
	}
	if !isBlock {
		n.fields(body)
		return
	}
	for _, s := range block.List {
		n.visit(s)
	}
}

func (n *namer) class(c *ast.ClassLiteral) {
	n.push()
	defer n.pop()
	if c.Name != nil {
		n.declare(c.Name.Name.String())
	}
	if c.SuperClass != nil {
		n.visit(c.SuperClass)
	}
	for _, e := range c.Body {
		switch e := e.(type) {
		case *ast.FieldDefinition:
			n.key(e.Key, e.Computed)
			if e.Initializer != nil {
				n.visit(e.Initializer)
			}
		case *ast.MethodDefinition:
			n.key(e.Key, e.Computed)
			n.visit(e.Body)
		case *ast.ClassStaticBlock:
			n.function(nil, nil, e.DeclarationList, e.Block, true)
		}
	}
}

func (n *namer) key(key ast.Expression, computed bool) {
	if computed {
		n.visit(key)
	}
}

func (n *namer) block(list []ast.Statement, caught ast.BindingTarget) {
	n.push()
	defer n.pop()
	if caught != nil {
		n.target(caught)
		n.visit(caught)
	}
	n.lexical(list)
	for _, s := range list {
		n.visit(s)
	}
}

func (n *namer) switchBody(t *ast.SwitchStatement) {
	n.visit(t.Discriminant)
	n.push()
	defer n.pop()
	for _, c := range t.Body {
		n.lexical(c.Consequent)
	}
	for _, c := range t.Body {
		n.fields(c)
	}
}

// loop gives a for statement the scope its let and const live in.
func (n *namer) loop(t ast.Node) {
	n.push()
	defer n.pop()
	var head ast.Node
	switch t := t.(type) {
	case *ast.ForStatement:
		head = t.Initializer
	case *ast.ForInStatement:
		head = t.Into
	case *ast.ForOfStatement:
		head = t.Into
	}
	switch head := head.(type) {
	case *ast.ForLoopInitializerLexicalDecl:
		n.bindings(head.LexicalDeclaration.List)
	case *ast.ForDeclaration:
		n.target(head.Target)
	}
	n.fields(t)
}
