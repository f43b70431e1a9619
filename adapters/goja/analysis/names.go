package analysis

import "github.com/dop251/goja/ast"

// variable is a declared name and what becomes of it.
type variable struct {
	init     ast.Expression // what it holds from its declaration on; nil = unknown or nothing
	keys     []string       // the members of init it holds, from a destructuring declaration
	assigned ast.Expression // what is assigned, when that happens exactly once
	opaque   bool           // holds what no expression tells, such as a parameter

	born    int   // when init is given
	writes  []int // when it is written after its declaration, as moments of the walk
	outside bool  // some write is in another function than the declaration
	owner   int   // number of the function that declares it
}

// span is the time a walk spends in a loop.
type span struct{ from, to int }

// names says what every identifier of a program means.
type names struct {
	refs  map[*ast.Identifier]*variable // free names are not in it
	loops map[ast.Node]span
}

// scope is one level of declarations.
type scope struct{ declared map[string]*variable }

// resolver walks a tree with the scopes of JavaScript in mind. visible holds, for
// each name, its declarations from the outermost to the innermost.
type resolver struct {
	names     *names
	scopes    []scope
	visible   map[string][]*variable
	moment    int
	depth     int
	function  int
	functions int
}

func resolve(tree *ast.Program) *names {
	r := &resolver{
		names:   &names{refs: map[*ast.Identifier]*variable{}, loops: map[ast.Node]span{}},
		visible: map[string][]*variable{},
	}
	r.push()
	r.hoist(tree.DeclarationList)
	r.lexical(tree.Body)
	eachStatement(tree.Body, r.visit)
	r.pop()
	return r.names
}

func (r *resolver) push() { r.scopes = append(r.scopes, scope{map[string]*variable{}}) }

func (r *resolver) pop() {
	last := len(r.scopes) - 1
	for name := range r.scopes[last].declared {
		r.visible[name] = r.visible[name][:len(r.visible[name])-1]
	}
	r.scopes = r.scopes[:last]
}

func (r *resolver) declare(name string) *variable {
	declared := r.scopes[len(r.scopes)-1].declared
	if v, ok := declared[name]; ok {
		return v
	}
	v := &variable{owner: r.function}
	declared[name] = v
	r.visible[name] = append(r.visible[name], v)
	return v
}

// declareAll declares every name that a pattern binds.
func (r *resolver) declareAll(pattern ast.Expression) {
	bound(pattern, func(id *ast.Identifier) { r.declare(id.Name.String()) })
}

// declareOpaque is declareAll for names whose values nobody can tell.
func (r *resolver) declareOpaque(pattern ast.Expression) {
	bound(pattern, func(id *ast.Identifier) { r.declare(id.Name.String()).opaque = true })
}

func (r *resolver) lookup(name string) *variable {
	if all := r.visible[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// refer notes what an identifier means.
func (r *resolver) refer(id *ast.Identifier) *variable {
	v := r.lookup(id.Name.String())
	if v != nil {
		r.names.refs[id] = v
	}
	return v
}

// hoist declares what var statements declare for the whole function.
func (r *resolver) hoist(list []*ast.VariableDeclaration) {
	for _, d := range list {
		for _, b := range d.List {
			r.declareAll(b.Target)
		}
	}
}

// lexical declares what a list of statements declares for its own block.
func (r *resolver) lexical(list []ast.Statement) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.LexicalDeclaration:
			for _, b := range s.List {
				r.declareAll(b.Target)
			}
		case *ast.FunctionDeclaration:
			r.holds(r.declare(s.Function.Name.Name.String()), s.Function)
		case *ast.ClassDeclaration:
			r.holds(r.declare(s.Class.Name.Name.String()), s.Class)
		}
	}
}

// holds gives a variable its first value; a second one is a write.
func (r *resolver) holds(v *variable, e ast.Expression, keys ...string) {
	if v.init != nil || v.opaque || len(v.writes) > 0 {
		r.wrote(v, nil)
		return
	}
	v.init, v.keys, v.born = e, keys, r.moment
}

func (r *resolver) wrote(v *variable, e ast.Expression) {
	v.assigned = nil
	if len(v.writes) == 0 && v.init == nil && !v.opaque {
		v.assigned = e
	}
	v.writes = append(v.writes, r.moment)
	v.outside = v.outside || v.owner != r.function
}

// bound calls f for the names a pattern binds.
func bound(t ast.Expression, f func(*ast.Identifier)) {
	targets(t, func(target ast.Expression) {
		if id, ok := target.(*ast.Identifier); ok {
			f(id)
		}
	})
}
