package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// Options is what the tree alone does not tell.
type Options struct {
	// Outer is the number of functions wrapped around the author's code: this
	// means the global object in them.
	Outer int
	// Provided reports the globals the runtime gives to scripts; writing to them
	// is how scripts talk back. nil = none.
	Provided func(name string) bool
	// Place turns a 1-based line and byte column of the tree's text into the
	// author's; false where nobody knows, and the finding has no place. nil = the
	// same.
	Place func(line, column int) (int, int, bool)
}

const (
	maxFindings = 100
	maxDepth    = 10_000 // of the tree; what is deeper is not looked at
	maxLabels   = 64     // of one statement
)

// Analyze returns what a program should not do, in source order; at most 100
// findings, the gravest.
func Analyze(tree *ast.Program, o Options) []policy.Finding {
	a := &analyzer{
		Options: o, file: tree.File, found: map[finding]policy.Finding{},
		constants: map[ast.Expression]constant{}, paths: map[ast.Expression]string{}, handled: map[ast.Node]bool{},
		labels: map[ast.Node][]string{}, tries: []int{0}, budget: regexpBudget, searches: searchBudget,
	}
	a.names = resolve(tree)
	a.statements(tree.Body)
	all := make([]policy.Finding, 0, len(a.found))
	for _, f := range a.found {
		all = append(all, f)
	}
	// Many small findings must not hide a grave one.
	slices.SortFunc(all, func(x, y policy.Finding) int {
		return cmp.Or(cmp.Compare(weight(y.Severity), weight(x.Severity)), byPlace(x, y))
	})
	all = all[:min(len(all), maxFindings)]
	slices.SortFunc(all, byPlace)
	return all
}

func byPlace(x, y policy.Finding) int {
	return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column), cmp.Compare(x.Rule, y.Rule))
}

// finding identifies one: the same rule is not told twice of the same place.
type finding struct {
	rule         string
	line, column int
}

// analyzer walks one program. Everything it derives is remembered, so that the
// whole stays about linear.
type analyzer struct {
	Options

	file  *file.File
	names *names
	found map[finding]policy.Finding

	counts [3]int // findings by weight

	constants map[ast.Expression]constant
	paths     map[ast.Expression]string
	handled   map[ast.Node]bool // mentions of eval and Function that need no finding of their own

	labels map[ast.Node][]string // of a statement

	depth     int        // of the walk
	folding   int        // of the folding of constants
	budget    int        // of work on regular expressions
	searches  int        // of work on loops
	functions []ast.Node // the functions around the node, outermost first
	tries     []int      // try statements around the node, for each function
}

func (a *analyzer) report(at file.Idx, rule string, s policy.Severity, format string, args ...any) {
	if a.counts[weight(s)] >= maxFindings {
		return
	}
	place := a.file.Position(int(at) - a.file.Base())
	line, column := place.Line, place.Column
	if a.Place != nil {
		var ok bool
		if line, column, ok = a.Place(line, column); !ok {
			line, column = 0, 0 // what was made of the author's code counts as well
		}
	}
	key := finding{rule, line, column}
	if old, told := a.found[key]; told && weight(old.Severity) >= weight(s) {
		return
	}
	a.counts[weight(s)]++
	a.found[key] = policy.Finding{Rule: rule, Severity: s, Message: fmt.Sprintf(format, args...), Line: line, Column: column}
}

func weight(s policy.Severity) int {
	switch s {
	case policy.High:
		return 2
	case policy.Medium:
		return 1
	}
	return 0
}

func (a *analyzer) statements(list []ast.Statement) {
	for _, s := range list {
		a.visit(s)
	}
}

// visit applies the rules to a node and everything below it.
func (a *analyzer) visit(n ast.Node) {
	if a.depth++; a.depth <= maxDepth {
		a.rules(n)
		leave := a.enter(n)
		each(n, a.visit)
		leave()
	}
	a.depth--
}

// enter keeps track of the functions and try statements around a node.
func (a *analyzer) enter(n ast.Node) (leave func()) {
	switch n.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.ClassStaticBlock:
		a.functions = append(a.functions, n)
		a.tries = append(a.tries, 0)
		return func() {
			a.functions = a.functions[:len(a.functions)-1]
			a.tries = a.tries[:len(a.tries)-1]
		}
	case *ast.TryStatement:
		last := len(a.tries) - 1
		a.tries[last]++
		return func() { a.tries[last]-- }
	}
	return func() {}
}

// rules are asked about every node.
func (a *analyzer) rules(n ast.Node) {
	switch t := n.(type) {
	case *ast.CallExpression:
		a.call(t, t.Callee, t.ArgumentList, false)
	case *ast.NewExpression:
		a.call(t, t.Callee, t.ArgumentList, true)
	case *ast.Identifier, *ast.DotExpression, *ast.BracketExpression:
		if e, ok := t.(ast.Expression); ok {
			a.mentioned(e)
		}
	case *ast.Binding:
		a.path(t.Initializer) // here, where its this is known
	case *ast.ClassLiteral:
		a.extends(t)
	case *ast.UnaryExpression, *ast.AssignExpression, *ast.BinaryExpression:
		a.operator(t)
	case *ast.ForIntoExpression:
		targets(t.Expression, func(e ast.Expression) { a.write(e, writeEach) })
	case *ast.ForStatement, *ast.WhileStatement, *ast.DoWhileStatement:
		a.loop(t)
	case *ast.LabelledStatement:
		if own := a.labels[t]; len(own) < maxLabels { // of more, nothing is said
			a.labels[t.Statement] = slices.Concat(own, []string{t.Label.Name.String()})
		}
		delete(a.labels, t)
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral:
		a.recursion(t)
	case *ast.RegExpLiteral:
		a.regexp(t.Idx, t.Pattern, t.Flags)
	case *ast.DebuggerStatement:
		a.report(t.Debugger, "no-debugger", policy.Low, "debugger does nothing here; remove it")
	case *ast.WithStatement:
		a.report(t.With, "no-with", policy.Low, "with makes it unclear what a name means; name the object instead")
	}
}
