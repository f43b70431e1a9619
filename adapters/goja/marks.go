package goja

import (
	"math/big"
	"reflect"
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// marker decides which expressions may keep the engine busy in its own code,
// where nothing can look in: whoever watches from outside must know the place
// before they start.
type marker struct {
	methods map[string]struct{} // members of builtins that may take long
	own     map[string]struct{} // functions the program declares, which count by themselves
	// variables are the names the program declares otherwise; they may hold
	// anything, such as a method of a text bound to it.
	variables map[string]struct{}
	bigInts   bool // the program may hold integers without bounds
}

func newMarker(tree *ast.Program, code string) *marker {
	m := &marker{methods: map[string]struct{}{}, own: map[string]struct{}{}, variables: map[string]struct{}{}}
	for name := range strings.FieldsSeq(`repeat padStart padEnd fill join indexOf lastIndexOf includes concat sort reverse slice
		splice copyWithin from of match matchAll replace replaceAll split test exec search parse stringify flat flatMap call apply
		bind construct keys values entries assign fromEntries getOwnPropertyNames getOwnPropertyDescriptors ownKeys normalize
		toString toLocaleString toSorted toReversed toSpliced with at find findIndex findLast findLastIndex some every map forEach
		filter reduce reduceRight set subarray asIntN asUintN freeze seal raw groupBy unshift shift push trim log info warn error
		debug alloc compare structuredClone union intersection difference`) {
		m.methods[name] = struct{}{}
	}
	m.bigInts = strings.Contains(code, "BigInt")
	m.look(reflect.ValueOf(tree))
	return m
}

// look finds the functions a program declares and whether it writes BigInts.
func (m *marker) look(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		switch t := v.Interface().(type) {
		case *ast.FunctionDeclaration:
			m.own[t.Function.Name.Name.String()] = struct{}{}
		case *ast.Binding:
			if id, ok := t.Target.(*ast.Identifier); ok {
				m.variables[id.Name.String()] = struct{}{}
			}
		case *ast.NumberLiteral:
			if _, ok := t.Value.(*big.Int); ok {
				m.bigInts = true
			}
			return
		}
		m.look(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			m.look(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "DeclarationList" && name != "File" {
				m.look(v.Field(i))
			}
		}
	default: // positions, texts, operators
	}
}

// slow reports whether calling this may take long.
func (m *marker) slow(callee ast.Expression) bool {
	switch t := callee.(type) {
	case *ast.DotExpression:
		_, ok := m.methods[t.Identifier.Name.String()]
		return ok
	case *ast.Identifier:
		_, ok := m.own[t.Name.String()]
		return !ok
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.SuperExpression, *ast.PrivateDotExpression:
		return false
	}
	return true
}

// mark puts a site in front of an expression's slow part.
func (in *instrumenter) mark(e ast.Expression) {
	switch t := e.(type) {
	case *ast.CallExpression:
		if in.marks.slow(t.Callee) && !in.markArgument(t.ArgumentList) {
			in.markCallee(t)
		}
	case *ast.NewExpression:
		if !in.markArgument(t.ArgumentList) {
			t.Callee = in.marked(t.Callee)
		}
	case *ast.SpreadElement:
		t.Expression = in.marked(t.Expression)
	case *ast.BinaryExpression:
		if in.marks.power(t.Operator) {
			t.Right = in.marked(t.Right)
		}
	case *ast.AssignExpression:
		if in.marks.power(t.Operator) {
			t.Right = in.marked(t.Right)
		}
	}
}

// power reports whether an operator can make one number take long.
func (m *marker) power(operator token.Token) bool {
	switch operator {
	case token.EXPONENT:
		return m.bigInts
	case token.MULTIPLY, token.SHIFT_LEFT, token.SLASH, token.REMAINDER:
		return m.bigInts
	}
	return false
}

// marked is an expression with a place in front of it.
func (in *instrumenter) marked(e ast.Expression) ast.Expression {
	if in.marks == nil {
		return e
	}
	return in.before(0, e.Idx0(), e)
}

// markArgument puts the place in front of the last argument, which is as near to
// the call as it can be; false when there is none to do that with.
func (in *instrumenter) markArgument(args []ast.Expression) bool {
	if len(args) == 0 {
		return false
	}
	last := len(args) - 1
	if _, ok := args[last].(*ast.SpreadElement); ok {
		return true // marked by itself
	}
	args[last] = in.marked(args[last])
	return true
}

// markCallee puts the place in front of the object a method is called on, which
// keeps this. Optional chains and super stay whole.
func (in *instrumenter) markCallee(call *ast.CallExpression) {
	if _, chained := in.chained[call]; chained {
		return
	}
	switch t := call.Callee.(type) {
	case *ast.Identifier:
		if _, ok := in.marks.variables[t.Name.String()]; ok && !in.under {
			call.Callee = in.marked(t)
		}
	case *ast.DotExpression:
		if !whole(t.Left) {
			t.Left = in.marked(t.Left)
		}
	case *ast.BracketExpression:
		if !whole(t.Left) {
			t.Left = in.marked(t.Left)
		}
	}
}

// whole reports whether an expression only means something in its place.
func whole(e ast.Expression) bool {
	switch e.(type) {
	case *ast.SuperExpression, *ast.Optional, *ast.OptionalChain:
		return true
	}
	return false
}
