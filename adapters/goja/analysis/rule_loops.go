package analysis

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

const (
	ruleLoop     = "endless-loop"
	searchBudget = 1_000_000 // nodes looked at for ways out, in one program
)

// loop looks for loops that nothing ends.
func (a *analyzer) loop(n ast.Node) {
	var test ast.Expression
	var body []ast.Node
	switch t := n.(type) {
	case *ast.ForStatement:
		test, body = t.Test, []ast.Node{t.Body}
		if t.Update != nil {
			body = append(body, t.Update)
		}
	case *ast.WhileStatement:
		test, body = t.Test, []ast.Node{t.Body}
	case *ast.DoWhileStatement:
		test, body = t.Test, []ast.Node{t.Body}
	}
	always, known := true, true
	if test != nil {
		always, known = a.fold(test).truthy()
		body = append(body, test)
	}
	if known && !always {
		return
	}
	s := search{own: a.labels[n], fold: a.fold, budget: &a.searches}
	for _, part := range body {
		s.visit(part)
	}
	switch {
	case s.leaves:
	case known && s.calls && a.inTry():
		a.report(n.Idx0(), ruleLoop, policy.Medium, "only an error can end this loop; add a break or a return")
	case known:
		a.report(n.Idx0(), ruleLoop, policy.High, "nothing ends this loop; add a break or a return, or a test that becomes false")
	case a.stuck(test, a.names.loops[n], s.calls):
		a.report(n.Idx0(), ruleLoop, policy.Medium, "nothing in this loop changes what its test looks at, so it ends at once or never")
	}
}

func (a *analyzer) inTry() bool { return a.tries[len(a.tries)-1] > 0 }

// stuck reports whether a test can never change while the loop runs.
func (a *analyzer) stuck(test ast.Expression, during span, calls bool) bool {
	plain, names := true, 0
	var look func(n ast.Node)
	look = func(n ast.Node) {
		switch t := n.(type) {
		case *ast.Identifier:
			names++
			plain = plain && a.unchanged(t, during, calls)
		case *ast.BinaryExpression, *ast.NumberLiteral, *ast.StringLiteral, *ast.BooleanLiteral, *ast.NullLiteral:
		case *ast.UnaryExpression:
			plain = plain && t.Operator != token.INCREMENT && t.Operator != token.DECREMENT && t.Operator != token.DELETE
		default:
			plain = false
		}
		if plain {
			each(n, look)
		}
	}
	look(test)
	return plain && names > 0
}

const maxWrites = 256 // of a variable that are looked at

func (a *analyzer) unchanged(id *ast.Identifier, during span, calls bool) bool {
	v := a.names.refs[id]
	if v == nil {
		return id.Name.String() == "undefined"
	}
	if a.provided(id.Name.String()) || v.outside && calls || len(v.writes) > maxWrites || v.init != nil && during.holds(v.born) {
		return false
	}
	for _, w := range v.writes {
		if during.holds(w) {
			return false
		}
	}
	return true
}

func (s span) holds(moment int) bool { return s.from < moment && moment <= s.to }

// search looks through a loop for a way out of it. Functions inside are another
// matter.
type search struct {
	own    []string // labels of the loop
	inner  []string // labels inside it
	fold   func(ast.Expression) constant
	budget *int // of nodes looked at; without one, loops are taken for sound
	nested int  // loops and switches around, inside it
	leaves bool
	calls  bool
}

func (s *search) visit(n ast.Node) {
	if *s.budget--; *s.budget < 0 {
		s.leaves = true
	}
	if s.leaves {
		return
	}
	switch t := n.(type) {
	case *ast.FunctionLiteral, *ast.ArrowFunctionLiteral, *ast.MethodDefinition, *ast.FieldDefinition, *ast.ClassStaticBlock:
		return
	case *ast.ReturnStatement, *ast.ThrowStatement, *ast.YieldExpression, *ast.AwaitExpression:
		s.leaves = true
	case *ast.BranchStatement:
		s.branch(t)
	case *ast.CallExpression, *ast.NewExpression:
		s.calls = true
		each(n, s.visit)
	case *ast.TemplateLiteral:
		s.calls = s.calls || t.Tag != nil
		each(n, s.visit)
	case *ast.IfStatement:
		s.branches(t)
	case *ast.LabelledStatement:
		s.inner = append(s.inner, t.Label.Name.String())
		each(n, s.visit)
	case *ast.ForStatement, *ast.ForInStatement, *ast.ForOfStatement, *ast.WhileStatement, *ast.DoWhileStatement, *ast.SwitchStatement:
		s.nested++
		each(n, s.visit)
		s.nested--
	default:
		each(n, s.visit)
	}
}

// branches looks only into what may be executed.
func (s *search) branches(t *ast.IfStatement) {
	s.visit(t.Test)
	yes, known := s.fold(t.Test).truthy()
	if yes || !known {
		s.visit(t.Consequent)
	}
	if t.Alternate != nil && (!yes || !known) {
		s.visit(t.Alternate)
	}
}

func (s *search) branch(t *ast.BranchStatement) {
	has := func(labels []string) bool {
		for _, l := range labels {
			if l == t.Label.Name.String() {
				return true
			}
		}
		return false
	}
	switch {
	case t.Label == nil:
		s.leaves = t.Token == token.BREAK && s.nested == 0
	case has(s.inner):
	default:
		s.leaves = t.Token == token.BREAK || !has(s.own)
	}
}
