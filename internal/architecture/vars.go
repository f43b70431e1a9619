package architecture

import (
	"go/ast"
	"go/token"
	"strings"
)

// checkDecl judges package-level variables and init functions.
func (c *checker) checkDecl(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil && decl.Name.Name == "init" && !c.generated {
			c.report(decl, "func init: register by passing a value to a constructor")
		}
	case *ast.GenDecl:
		if decl.Tok != token.VAR {
			return
		}
		for _, spec := range decl.Specs {
			if spec, ok := spec.(*ast.ValueSpec); ok {
				c.checkVar(decl, spec)
			}
		}
	}
}

func (c *checker) checkVar(decl *ast.GenDecl, spec *ast.ValueSpec) {
	if c.room.vars == "any" || c.tests.vars == "any" {
		return
	}
	if c.room.vars == "fixed" && (embeds(decl.Doc) || embeds(spec.Doc)) {
		return
	}
	for i, name := range spec.Names {
		if isInterfaceCheck(name, spec) || (i < len(spec.Values) && c.immutable(spec.Values[i])) {
			continue
		}
		if c.room.vars == "fixed" && name.Name == "version" {
			continue
		}
		c.report(name, "%s may not have the package variable %s; make it a constant, a field or a function", c.room.name, name.Name)
	}
}

// isInterfaceCheck recognises var _ Port = (*T)(nil).
func isInterfaceCheck(name *ast.Ident, spec *ast.ValueSpec) bool {
	return name.Name == "_" && spec.Type != nil
}

func (c *checker) immutable(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	switch c.names[pkg.Name] + "." + sel.Sel.Name {
	case "errors.New":
		return true
	case "regexp.MustCompile":
		return c.room.vars == "fixed"
	default:
		return false
	}
}

func embeds(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, comment := range doc.List {
		if strings.HasPrefix(comment.Text, "//go:embed ") {
			return true
		}
	}
	return false
}
