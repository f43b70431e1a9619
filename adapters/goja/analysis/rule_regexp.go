package analysis

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

const ruleRegexp = "regex-backtracking"

const (
	maxPattern   = 2 << 10   // bytes of a pattern that is looked at
	regexpBudget = 1_000_000 // edges and pairs of edges looked at, for one program
)

func (a *analyzer) callRegexp(n ast.Node, p string, args []ast.Expression) {
	if p != "RegExp" || len(args) == 0 {
		return
	}
	pattern, flags := a.fold(args[0]), constant{kind: text}
	if len(args) > 1 {
		flags = a.fold(args[1])
	}
	if pattern.kind == text && flags.kind == text {
		a.regexp(n.Idx0(), pattern.text, flags.text)
	}
}

// regexp judges a pattern. The engine runs most patterns in linear time and falls
// back on backtracking for look-around and back-references always, and for the
// others when a search goes on in the middle of a text.
func (a *analyzer) regexp(at file.Idx, pattern, flags string) {
	if len(pattern) > maxPattern || a.budget <= 0 {
		return
	}
	e, ok := parseRegexp(pattern, strings.Contains(flags, "i"))
	if !ok {
		return
	}
	switch e.backtracking(&a.budget) {
	case exponential:
		severity := policy.Medium
		if _, err := parser.TransformRegExp(pattern, strings.Contains(flags, "s"), strings.Contains(flags, "u")); err != nil {
			severity = policy.High
		}
		a.report(at, ruleRegexp, severity,
			"this expression can match the same text in exponentially many ways, which takes forever when it fails; let each part of it begin or end with a character the others lack")
	case polynomial:
		a.report(at, ruleRegexp, policy.Low,
			"two neighbouring repetitions match the same characters, which is slow on long texts; join them into one")
	case harmless:
	}
}
