package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// checker walks one file and collects what its room forbids.
type checker struct {
	plan   Plan
	room   room
	tests  room // the *_test.go row; empty for production files
	isTest bool
	// generated files may have an init: nobody writes them.
	generated bool
	files     *token.FileSet
	names     map[string]string // how this file calls the packages it imports
	faults    []string
}

// CheckFile reports what one file does against its room. Name is its path
// from the module root, with slashes.
func (p Plan) CheckFile(name string, src []byte) []string {
	r, ok := p.roomOf(path.Dir(name))
	if !ok {
		return []string{fmt.Sprintf("%s: %q has no row in ARCHITECTURE.md; add one, or move the file", name, path.Dir(name))}
	}
	c := &checker{plan: p, room: r, files: token.NewFileSet(), names: map[string]string{}}
	if c.isTest = strings.HasSuffix(name, "_test.go"); c.isTest {
		c.tests = p.named(testRoom)
	}
	file, err := parser.ParseFile(c.files, name, src, parser.ParseComments)
	if err != nil {
		return []string{err.Error()}
	}
	c.generated = ast.IsGenerated(file)
	for _, spec := range file.Imports {
		c.checkImport(spec)
	}
	for _, decl := range file.Decls {
		c.checkDecl(decl)
	}
	ast.Inspect(file, c.checkNode)
	return c.faults
}

func (c *checker) report(at ast.Node, format string, args ...any) {
	pos := c.files.Position(at.Pos())
	c.faults = append(c.faults, fmt.Sprintf("%s:%d: ", pos.Filename, pos.Line)+fmt.Sprintf(format, args...))
}

func (c *checker) checkImport(spec *ast.ImportSpec) {
	imported, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		c.report(spec, "unreadable import %s", spec.Path.Value)
		return
	}
	name := path.Base(imported)
	if spec.Name != nil {
		name = spec.Name.Name
	}
	if name == "." {
		c.report(spec, "dot import of %s: name the package", imported)
	}
	c.names[name] = imported
	if within(imported, c.plan.module) {
		c.checkOurs(spec, strings.TrimPrefix(strings.TrimPrefix(imported, c.plan.module), "/"))
		return
	}
	if !c.room.mayImportOther(imported) && !c.tests.mayImportOther(imported) {
		c.report(spec, "%s may not import %s; its row in ARCHITECTURE.md does not allow it", c.room.name, imported)
	}
}

func (c *checker) checkOurs(spec *ast.ImportSpec, folder string) {
	target, ok := c.plan.roomOf(folder)
	switch {
	case !ok:
		c.report(spec, "import of %q, which has no row in ARCHITECTURE.md", folder)
	case !c.room.mayImportOurs(target.name) && !c.tests.mayImportOurs(target.name):
		c.report(spec, "%s may not import %s; dependencies point inwards, see ARCHITECTURE.md", c.room.name, folder)
	}
}

func (c *checker) checkNode(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		if !c.room.goroutines && !c.tests.goroutines {
			c.report(n, "%s may not start goroutines; let app or an adapter do it", c.room.name)
		}
	case *ast.SelectorExpr:
		c.checkUse(n)
	}
	return true
}

// checkUse judges pkg.Name. An identifier the parser resolved is a local
// variable that hides the package.
func (c *checker) checkUse(sel *ast.SelectorExpr) {
	id, ok := sel.X.(*ast.Ident)
	if !ok || id.Obj != nil || c.isTest {
		return
	}
	imported, ok := c.names[id.Name]
	if !ok {
		return
	}
	if symbol := imported + "." + sel.Sel.Name; !c.room.mayUse(symbol) {
		c.report(sel, "%s may not use %s; ask for it through a port or a parameter", c.room.name, symbol)
	}
}
