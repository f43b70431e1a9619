package goja

import (
	js "github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// shape is how the engine wraps an author's code.
type shape byte

const (
	bodyShape    shape = iota // the body of a function; its return value counts
	programShape              // declares an entry function
	moduleShape               // a CommonJS module
)

// source identifies code to compile.
type source struct {
	code     string
	shape    shape
	language node.Language
	name     string // how stack traces call a module; empty for the main code
	mode
}

// program is compiled code, shared by all runs.
type program struct {
	source
	compiled *js.Program
	before   int        // bytes the wrapper puts in front of the first line
	origin   *sourceMap // from transpiled code to the author's; nil = the same
	bindings []binding  // globals to provide before it runs
	whole    bool       // can reach globals without naming them
	sites    *siteTable // where it says that it is there; nil = nowhere
}

// wrap returns what stands around the code. The opening never holds a line
// break, so that lines keep their numbers.
func (s source) wrap(async, exportMain bool) (before, after string) {
	switch s.shape {
	case bodyShape:
		if async {
			return "(async function(){", "\n})()"
		}
		return "(function(){", "\n})()"
	case moduleShape:
		before = "(function(exports,require,module,__filename,__dirname){"
		if exportMain {
			return before, "\nreturn main})"
		}
		return before, "\n})"
	case programShape:
	}
	return "", ""
}

// parsed is a syntax tree of wrapped code.
type parsed struct {
	tree    *ast.Program
	before  int                  // bytes of the wrapper before the code
	wrapper *ast.FunctionLiteral // nil for a program
	body    *ast.FunctionLiteral // what a transpiled body stands in, else nil
}

// parse reads JavaScript in its wrapper. A body that uses await is wrapped in
// an async function.
func (s source) parse() (parsed, error) {
	p, err := s.parseAs(false, false)
	if err != nil && s.shape == bodyShape && mentionsAwait(s.code) {
		return s.parseAs(true, false)
	}
	if err == nil && s.shape == moduleShape {
		if _, has := namesOf(p.tree, p.wrapper).top["main"]; has {
			return s.parseAs(false, true)
		}
	}
	return p, err
}

func (s source) parseAs(async, exportMain bool) (parsed, error) {
	before, after := s.wrap(async, exportMain)
	text := before + s.code + after
	tree, err := parser.ParseFile(nil, s.name, text, 0, parser.WithDisableSourceMaps)
	if err != nil {
		return parsed{}, s.syntaxFault(err, len(before))
	}
	p := parsed{tree: tree, before: len(before)}
	if s.shape == programShape {
		return p, nil
	}
	if p.wrapper = wrapperOf(tree); p.wrapper == nil || !closesAt(p.wrapper, text, after) {
		return parsed{}, s.unbalanced()
	}
	return p, nil
}

// wrapperOf finds our function in the tree; nil when the code broke out of it,
// as in "}); evil(); (function(){".
func wrapperOf(tree *ast.Program) *ast.FunctionLiteral {
	if len(tree.Body) != 1 {
		return nil
	}
	statement, ok := tree.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return nil
	}
	expr := statement.Expression
	if call, ok := expr.(*ast.CallExpression); ok {
		expr = call.Callee
	}
	f, _ := expr.(*ast.FunctionLiteral)
	return f
}

// closesAt reports whether the function ends where our wrapper ends it.
func closesAt(f *ast.FunctionLiteral, text, after string) bool {
	for i := len(text) - len(after); i < len(text); i++ {
		if text[i] == '}' {
			return int(f.Body.RightBrace) == i+1
		}
	}
	return false
}

// place turns a place in the compiled text into one in the author's; false for
// code that no author wrote.
func (p *program) place(line, column int) (int, int, bool) {
	line, column = p.source.place(line, column, p.before)
	if p.origin != nil {
		return p.origin.find(line, column)
	}
	return line, column, true
}
