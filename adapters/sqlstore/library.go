package sqlstore

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Module implements ports.Library.
func (s *Store) Module(ctx context.Context, name string) (ports.Module, error) {
	var ours []struct{ Name, Code, Form, Mod string }
	err := s.many(ctx, "read the module", usual, &ours, "SELECT name, code, form, mod FROM nf_modules WHERE name = $1", name)
	if err != nil {
		return ports.Module{}, err
	}
	if len(ours) > 0 {
		return ports.Module(ours[0]), nil
	}
	rows, err := s.query(ctx, getModule, name)
	if err != nil {
		return ports.Module{}, err
	}
	if len(rows) == 0 {
		return ports.Module{}, fault.New(fault.NotFound, "there is no module %q", name)
	}
	f := rows[0].fields("form", "mod", "code")
	return ports.Module{Name: name, Code: asText(f["code"]), Form: asText(f["form"]), Mod: asText(f["mod"])}, nil
}

// Template implements ports.Library.
func (s *Store) Template(ctx context.Context, name string) (ports.Template, error) {
	var ours []ports.Template
	err := s.many(ctx, "read the template", usual, &ours, "SELECT name, content FROM nf_templates WHERE name = $1", name)
	if err != nil {
		return ports.Template{}, err
	}
	if len(ours) > 0 {
		return ours[0], nil
	}
	rows, err := s.query(ctx, getTemplate, name)
	if err != nil {
		return ports.Template{}, err
	}
	if len(rows) == 0 {
		return ports.Template{}, fault.New(fault.NotFound, "there is no template %q", name)
	}
	f := rows[0].fields("id", "name", "content")
	return ports.Template{Name: name, Content: asText(f["content"])}, nil
}

// PutModule implements ports.Library.
func (s *Store) PutModule(ctx context.Context, m ports.Module) error {
	const op = "store the module"
	if err := checkName(op, m.Name); err != nil {
		return err
	}
	if err := checkText(op, "code", m.Code, "form", m.Form, "mod", m.Mod); err != nil {
		return err
	}
	_, err := s.exec(ctx, op, `
		INSERT INTO nf_modules (name, code, form, mod) VALUES ($1, $2, $3, $4)
		ON CONFLICT (name) DO UPDATE SET code = excluded.code, form = excluded.form, mod = excluded.mod`,
		m.Name, m.Code, m.Form, m.Mod)
	return err
}

// PutTemplate implements ports.Library.
func (s *Store) PutTemplate(ctx context.Context, t ports.Template) error {
	const op = "store the template"
	if err := checkName(op, t.Name); err != nil {
		return err
	}
	if err := checkText(op, "content", t.Content); err != nil {
		return err
	}
	_, err := s.exec(ctx, op, `
		INSERT INTO nf_templates (name, content) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET content = excluded.content`, t.Name, t.Content)
	return err
}

func checkName(op, name string) error {
	if name == "" {
		return fault.New(fault.Invalid, "cannot %s: it has no name", op).AtField("name")
	}
	return checkText(op, "name", name)
}
