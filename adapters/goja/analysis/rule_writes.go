package analysis

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/token"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// writing says how something is written.
type writing byte

const (
	writeValue writing = iota
	writeEach          // by a for statement
	writeAway          // by delete
)

func (a *analyzer) assigned(t *ast.AssignExpression) {
	targets(t.Left, func(e ast.Expression) { a.write(e, writeValue) })
	name, _, ok := a.method(t.Left)
	if ok && name == "length" && t.Operator == token.ASSIGN {
		if c := a.fold(t.Right); c.kind == number && c.num >= hugeSize {
			a.report(t.Idx0(), ruleSize, policy.Medium, "an array of %s elements does not fit the limits; make it smaller", sizeText(c.num))
		}
	}
}

// targets calls f for what an assignment or a declaration writes to.
func targets(t ast.Expression, f func(ast.Expression)) {
	switch t := t.(type) {
	case *ast.Identifier, *ast.DotExpression, *ast.BracketExpression:
		f(t)
	case *ast.Binding:
		targets(t.Target, f)
	case *ast.AssignExpression:
		targets(t.Left, f)
	case *ast.ArrayPattern:
		for _, e := range t.Elements {
			targets(e, f)
		}
		targets(t.Rest, f)
	case *ast.ObjectPattern:
		for _, p := range t.Properties {
			targets(p, f)
		}
		targets(t.Rest, f)
	case *ast.PropertyShort:
		f(&t.Name)
	case *ast.PropertyKeyed:
		targets(t.Value, f)
	}
}

// write judges one target.
func (a *analyzer) write(target ast.Expression, how writing) {
	switch t := bare(target).(type) {
	case *ast.Identifier:
		if a.names.refs[t] == nil {
			a.writeGlobal(t, t.Name.String(), how, policy.Low)
		}
	case *ast.DotExpression:
		a.writeMember(t, t.Left, t.Identifier.Name.String(), how)
	case *ast.BracketExpression:
		key, _ := a.fold(t.Member).asText()
		a.writeMember(t, t.Left, key, how)
	}
}

// writeGlobal judges a write to a global variable; severity is that of a new one.
func (a *analyzer) writeGlobal(n ast.Node, name string, how writing, severity policy.Severity) {
	switch {
	case isBuiltin(name), name == "undefined", name == "NaN", name == "Infinity", name == globalPath:
		a.report(n.Idx0(), ruleGlobal, policy.Medium, "%s belongs to the language; give what you write another name", name)
	case a.provided(name), how != writeValue, name == "":
	default:
		a.report(n.Idx0(), ruleGlobal, severity, "%s is not declared, so it becomes a global variable; declare it with let or const", name)
	}
}

func (a *analyzer) writeMember(n ast.Node, left ast.Expression, key string, how writing) {
	p := a.path(left)
	switch {
	case p == globalPath:
		severity := policy.Medium
		if _, this := left.(*ast.ThisExpression); this {
			severity = policy.Low
		}
		a.writeGlobal(n, key, how, severity)
	case key == "__proto__" && !strings.HasSuffix(p, ".prototype"):
		a.report(n.Idx0(), rulePrototype, policy.Low, "writing __proto__ changes what an object inherits; use Object.create")
	default:
		a.writeTo(n, p)
	}
}

const (
	ruleGlobal    = "global-write"
	rulePrototype = "prototype-write"
)

// writeTo judges a change of the object with this path.
func (a *analyzer) writeTo(n ast.Node, p string) {
	class, isPrototype := strings.CutSuffix(p, ".prototype")
	switch {
	case p == "Object.prototype" || p == "Function.prototype":
		a.report(n.Idx0(), rulePrototype, policy.High, "%s is inherited by everything; write a function instead of changing it", p)
	case isPrototype && isClass(class):
		a.report(n.Idx0(), rulePrototype, policy.Medium, "%s belongs to the language; write a function instead of changing it", p)
	case p == protoOf:
		a.report(n.Idx0(), rulePrototype, policy.Medium, "this changes a prototype that others inherit from; change the object itself")
	case p != "console" && isBuiltin(p):
		a.report(n.Idx0(), ruleGlobal, policy.Medium, "%s belongs to the language; write a function instead of changing it", p)
	}
}

// callPrototype finds the functions that change their first argument.
func (a *analyzer) callPrototype(n ast.Node, p string, args []ast.Expression) {
	switch p {
	case "Object.defineProperty", "Object.defineProperties", "Object.assign", "Object.setPrototypeOf",
		"Reflect.set", "Reflect.defineProperty", "Reflect.setPrototypeOf", "Reflect.deleteProperty":
		if len(args) > 0 {
			a.writeTo(n, a.path(args[0]))
		}
	}
}
