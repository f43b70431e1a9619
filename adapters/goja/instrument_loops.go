package goja

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/token"
)

// loop counts the turns of a loop: small ones several at a time, where that
// is possible, others at the start of each turn. times is as of unrollable.
func (in *instrumenter) loop(node ast.Node, times int) ast.Node {
	switch t := node.(type) {
	case *ast.ForStatement:
		if times > 0 {
			return &ast.ForStatement{For: t.For, Initializer: t.Initializer, Body: in.unrolled(turnOf(t.Test, t.Update, t.Body, times), t.For)}
		}
		t.Body = in.turn(t.Body, t.For)
	case *ast.WhileStatement:
		if times > 0 {
			return &ast.ForStatement{For: t.While, Body: in.unrolled(turnOf(t.Test, nil, t.Body, times), t.While)}
		}
		t.Body = in.turn(t.Body, t.While)
	case *ast.DoWhileStatement:
		if times > 0 {
			return &ast.ForStatement{For: t.Do, Body: in.unrolledDo(turnOf(t.Test, nil, t.Body, times), t.Do)}
		}
		t.Body = in.turn(t.Body, t.Do)
	case *ast.ForInStatement:
		t.Source = in.marked(t.Source)
		t.Body = in.turn(t.Body, t.For)
	case *ast.ForOfStatement:
		t.Source = in.marked(t.Source)
		t.Body = in.turn(t.Body, t.For)
	}
	return node
}

// turn is the body of a loop with a site before it.
func (in *instrumenter) turn(body ast.Statement, at file.Idx) ast.Statement {
	tick := in.tick(1, at)
	if block, ok := body.(*ast.BlockStatement); ok {
		block.List = append([]ast.Statement{tick}, block.List...)
		return block
	}
	return &ast.BlockStatement{LeftBrace: at, RightBrace: at, List: []ast.Statement{tick, body}}
}

// unrolled is the body of an endless loop that does several turns a time, here
// four:
//
//	if (test) { body; update; if (test) { ... tick 4; continue } tick 1; break }
//	break
//
// A turn that is left by break or return is not counted: what it stands in is.
func (in *instrumenter) unrolled(one turn, at file.Idx) ast.Statement {
	rest := block(at, in.tick(one.times, at), &ast.BranchStatement{Idx: at, Token: token.CONTINUE})
	for n := one.times - 1; n >= 0; n-- {
		list := append(one.statements(), rest.List...)
		if one.test == nil {
			rest = block(at, list...)
			continue
		}
		rest = block(at, &ast.IfStatement{If: at, Test: one.test, Consequent: block(at, list...)})
		if n > 0 {
			rest.List = append(rest.List, in.tick(n, at))
		}
		rest.List = append(rest.List, &ast.BranchStatement{Idx: at, Token: token.BREAK})
	}
	return rest
}

// unrolledDo is the same for loops that test after the turn:
//
//	body; if (test) { body; if (test) { ... tick 4; if (test) continue; break } tick 2; break } tick 1; break
func (in *instrumenter) unrolledDo(one turn, at file.Idx) ast.Statement {
	leave := &ast.BranchStatement{Idx: at, Token: token.BREAK}
	again := ast.Statement(&ast.BranchStatement{Idx: at, Token: token.CONTINUE})
	if one.test != nil {
		again = &ast.IfStatement{If: at, Test: one.test, Consequent: again}
	}
	rest := block(at, append(one.statements(), in.tick(one.times, at), again, leave)...)
	for n := one.times - 1; n > 0; n-- {
		list := one.statements()
		if one.test == nil {
			rest = block(at, append(list, rest.List...)...)
			continue
		}
		rest = block(at, append(list, &ast.IfStatement{If: at, Test: one.test, Consequent: rest}, in.tick(n, at), leave)...)
	}
	return rest
}

func block(at file.Idx, list ...ast.Statement) *ast.BlockStatement {
	return &ast.BlockStatement{LeftBrace: at, RightBrace: at, List: list}
}
