package storetest

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func libraryTests() []test {
	return []test{
		{"modules", modules},
		{"templates", templates},
		{"ours go before the designer's", oursFirst},
		{"everything is listed once, by name", listLibrary},
		{"bad names and texts are refused", badLibrary},
	}
}

func modules(t *testing.T, s Stores) {
	for _, m := range []ports.Module{
		{Name: "a", Code: "main()"}, {Name: "a", Code: "newer", Form: odd(), Mod: odd()},
		{Name: odd(), Code: megabyte()}, {Name: "empty"},
	} {
		must(t, s.Library.PutModule(ctx(t), m))
		got, err := s.Library.Module(ctx(t), m.Name)
		must(t, err)
		same(t, m.Name, got, m)
	}
	for _, name := range []string{"A", "", "a\x00", "a\xff"} {
		_, err := s.Library.Module(ctx(t), name)
		fails(t, name, err, fault.NotFound)
	}
}

func templates(t *testing.T, s Stores) {
	for _, x := range []ports.Template{
		{Name: "a", Content: "old"}, {Name: "a", Content: odd()}, {Name: odd(), Content: megabyte()}, {Name: "empty"},
	} {
		must(t, s.Library.PutTemplate(ctx(t), x))
		got, err := s.Library.Template(ctx(t), x.Name)
		must(t, err)
		same(t, x.Name, got, x)
	}
	for _, name := range []string{"A", "", "a\x00", "a\xff"} {
		_, err := s.Library.Template(ctx(t), name)
		fails(t, name, err, fault.NotFound)
	}
}

func oursFirst(t *testing.T, s Stores) {
	rows := Designer()
	m, err := s.Library.Module(ctx(t), rows.Module.Name)
	must(t, err)
	same(t, "designer's module", m, rows.Module)
	x, err := s.Library.Template(ctx(t), rows.Template.Name)
	must(t, err)
	same(t, "designer's template", x, rows.Template)

	ours := ports.Module{Name: rows.Module.Name, Code: "ours"}
	must(t, s.Library.PutModule(ctx(t), ours))
	m, err = s.Library.Module(ctx(t), ours.Name)
	must(t, err)
	same(t, "our module", m, ours)
	content := ports.Template{Name: rows.Template.Name, Content: "ours"}
	must(t, s.Library.PutTemplate(ctx(t), content))
	x, err = s.Library.Template(ctx(t), content.Name)
	must(t, err)
	same(t, "our template", x, content)
}

func badLibrary(t *testing.T, s Stores) {
	for _, m := range []ports.Module{{}, {Name: "a\x00"}, {Name: "a", Code: "\xff"}, {Name: "a", Form: "\x00"}, {Name: "a", Mod: "\x00"}} {
		fails(t, "module", s.Library.PutModule(ctx(t), m), fault.Invalid)
	}
	for _, x := range []ports.Template{{}, {Name: "a\x00"}, {Name: "a", Content: "\xff"}} {
		fails(t, "template", s.Library.PutTemplate(ctx(t), x), fault.Invalid)
	}
}

func listLibrary(t *testing.T, s Stores) {
	rows := Designer()
	ours := ports.Module{Name: rows.Module.Name, Code: "ours"}
	last := ports.Module{Name: "zz", Code: "1"}
	must(t, s.Library.PutModule(ctx(t), last))
	must(t, s.Library.PutModule(ctx(t), ours))
	modules, err := s.Index.Modules(ctx(t))
	must(t, err)
	same(t, "modules", modules, []ports.Module{ours, last})

	first := ports.Template{Name: "aa", Content: "1"}
	must(t, s.Library.PutTemplate(ctx(t), first))
	templates, err := s.Index.Templates(ctx(t))
	must(t, err)
	same(t, "templates", templates, []ports.Template{first, rows.Template})
}
