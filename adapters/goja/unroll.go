package goja

import (
	"reflect"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"
)

// maxUnrolled is how many nodes of the syntax tree one turn of a loop may have
// to be unrolled: with more, counting each turn costs little beside the turn.
const maxUnrolled = 30

// tinyTurn is below how many nodes a turn is repeated twice as often.
const tinyTurn = 12

// turn is what a loop repeats.
type turn struct {
	test   ast.Expression // nil = always true
	body   ast.Statement
	update ast.Expression // nil = none
	times  int            // how often it is repeated
}

// statements are body and update.
func (t turn) statements() []ast.Statement {
	list := []ast.Statement{t.body}
	if t.update != nil {
		list = append(list, &ast.ExpressionStatement{Expression: t.update})
	}
	return list
}

// unrollable is how often a loop's turn may be repeated in the tree, 0 when it
// may not: it must be small, and nothing in it may depend on being there once or
// on how the loop goes on. It is asked before anything is put into the loop, so
// that the count is the same whatever is.
func unrollable(loop ast.Node) int {
	var parts []ast.Node
	switch t := loop.(type) {
	case *ast.ForStatement:
		parts = []ast.Node{t.Test, t.Update, t.Body}
	case *ast.WhileStatement:
		parts = []ast.Node{t.Test, t.Body}
	case *ast.DoWhileStatement:
		parts = []ast.Node{t.Test, t.Body}
	default:
		return 0
	}
	size := 0
	for _, part := range parts {
		if !measure(reflect.ValueOf(part), &size) {
			return 0
		}
	}
	if size <= tinyTurn {
		return 8
	}
	return 4
}

func turnOf(test, update ast.Expression, body ast.Statement, times int) turn {
	if b, ok := test.(*ast.BooleanLiteral); ok && b.Value {
		test = nil
	}
	return turn{test: test, body: body, update: update, times: times}
}

// measure adds the nodes of a value to size; false when there are too many, or
// one that must not be repeated.
func measure(v reflect.Value, size *int) bool {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return true
		}
		if v.Kind() == reflect.Interface {
			return measure(v.Elem(), size)
		}
		if node, ok := v.Interface().(ast.Node); ok && !repeatable(node) {
			return false
		}
		if *size++; *size > maxUnrolled {
			return false
		}
		return measure(v.Elem(), size)
	case reflect.Slice:
		for i := range v.Len() {
			if !measure(v.Index(i), size) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !measure(v.Field(i), size) {
				return false
			}
		}
	default: // positions, texts, operators
	}
	return true
}

func repeatable(node ast.Node) bool {
	switch t := node.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassLiteral, *ast.FunctionDeclaration, *ast.ClassDeclaration,
		*ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement, *ast.WhileStatement, *ast.DoWhileStatement,
		*ast.LabelledStatement, *ast.WithStatement, *ast.TryStatement, *ast.YieldExpression, *ast.AwaitExpression:
		return false
	case *ast.BranchStatement:
		return t.Token != token.CONTINUE
	case *ast.TemplateLiteral:
		return t.Tag == nil // each place has a texts object of its own
	}
	return true
}
