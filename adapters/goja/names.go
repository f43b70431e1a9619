package goja

import (
	"reflect"

	"github.com/dop251/goja/ast"
)

// names is what a program's syntax tree says about its variables.
type names struct {
	free map[string]struct{} // mentioned and not declared, in any scope
	top  map[string]struct{} // declared at the top of the author's code
	// whole is set when the program can reach globals without naming them:
	// it mentions this or globalThis.
	whole bool
	// deep is set when the tree is too deep to walk: its compilation would need
	// more stack than is wise.
	deep bool
}

// maxTreeDepth is far above what people and generators write: a sum of 5,000
// texts is 5,000 levels deep.
const maxTreeDepth = 10_000

// scope is one level of declarations.
type scope struct {
	outer    *scope
	declared map[string]struct{}
}

// namer walks a syntax tree with the scopes of JavaScript in mind. Nodes
// without a meaning for scopes are walked by reflection, so that new kinds of
// nodes need no code here.
type namer struct {
	scope *scope
	names names
	depth int
}

// namesOf finds the variables of a program. For wrapped code, top is what the
// wrapping function declares.
func namesOf(program *ast.Program, wrapper *ast.FunctionLiteral) names {
	n := &namer{names: names{free: map[string]struct{}{}}}
	n.push()
	n.names.top = n.scope.declared
	n.vars(program.DeclarationList)
	n.lexical(program.Body)
	for _, s := range program.Body {
		n.visit(s)
	}
	if wrapper != nil {
		top := &namer{}
		top.push()
		top.vars(wrapper.DeclarationList)
		top.lexical(wrapper.Body.List)
		n.names.top = top.scope.declared
	}
	return n.names
}

func (n *namer) push() { n.scope = &scope{outer: n.scope, declared: map[string]struct{}{}} }
func (n *namer) pop()  { n.scope = n.scope.outer }

func (n *namer) declare(name string) { n.scope.declared[name] = struct{}{} }

func (n *namer) mention(name string) {
	if name == "globalThis" {
		n.names.whole = true
	}
	for s := n.scope; s != nil; s = s.outer {
		if _, ok := s.declared[name]; ok {
			return
		}
	}
	n.names.free[name] = struct{}{}
}

// vars declares what var statements hoist.
func (n *namer) vars(list []*ast.VariableDeclaration) {
	for _, d := range list {
		n.bindings(d.List)
	}
}

func (n *namer) bindings(list []*ast.Binding) {
	for _, b := range list {
		n.target(b.Target)
	}
}

// target declares the names a pattern binds.
func (n *namer) target(t ast.Expression) {
	switch t := t.(type) {
	case *ast.Identifier:
		n.declare(t.Name.String())
	case *ast.Binding:
		n.target(t.Target)
	case *ast.AssignExpression:
		n.target(t.Left)
	case *ast.ArrayPattern:
		for _, e := range t.Elements {
			n.target(e)
		}
		n.target(t.Rest)
	case *ast.ObjectPattern:
		for _, p := range t.Properties {
			n.target(p)
		}
		n.target(t.Rest)
	case *ast.PropertyShort:
		n.declare(t.Name.Name.String())
	case *ast.PropertyKeyed:
		n.target(t.Value)
	}
}

// lexical declares what a list of statements declares for its own block.
func (n *namer) lexical(list []ast.Statement) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.LexicalDeclaration:
			n.bindings(s.List)
		case *ast.FunctionDeclaration:
			n.declare(s.Function.Name.Name.String())
		case *ast.ClassDeclaration:
			n.declare(s.Class.Name.Name.String())
		}
	}
}

// keepShared counts payload and next as free even if a program declares them
// again: "var payload = payload || {}" keeps what was there.
func (n names) keepShared() {
	for _, name := range []string{"payload", "next"} {
		if _, ok := n.top[name]; ok {
			n.free[name] = struct{}{}
		}
	}
}

// children walks the fields of a node that are nodes themselves.
func (n *namer) children(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if node, ok := v.Interface().(ast.Node); ok {
			n.visit(node)
		}
	case reflect.Slice:
		for i := range v.Len() {
			n.children(v.Index(i))
		}
	case reflect.Struct:
		if v.CanAddr() {
			n.children(v.Addr())
		}
	default: // positions, texts, operators
	}
}

func (n *namer) fields(node ast.Node) {
	v := reflect.ValueOf(node)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return
	}
	v = v.Elem()
	for i := range v.NumField() {
		n.children(v.Field(i))
	}
}
