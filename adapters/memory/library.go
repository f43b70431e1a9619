package memory

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Module implements ports.Library.
func (s *Store) Module(ctx context.Context, name string) (ports.Module, error) {
	if err := alive(ctx, "read the module"); err != nil {
		return ports.Module{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if m, ok := s.modules[name]; ok {
		return m, nil
	}
	for _, m := range s.designer.Modules {
		if m.Name == name {
			return m, nil
		}
	}
	return ports.Module{}, fault.New(fault.NotFound, "there is no module %q", name)
}

// Template implements ports.Library.
func (s *Store) Template(ctx context.Context, name string) (ports.Template, error) {
	if err := alive(ctx, "read the template"); err != nil {
		return ports.Template{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t, ok := s.templates[name]; ok {
		return t, nil
	}
	for _, t := range s.designer.Templates {
		if t.Name == name {
			return t, nil
		}
	}
	return ports.Template{}, fault.New(fault.NotFound, "there is no template %q", name)
}

// PutModule implements ports.Library.
func (s *Store) PutModule(ctx context.Context, m ports.Module) error {
	const op = "store the module"
	if err := alive(ctx, op); err != nil {
		return err
	}
	if err := checkKey(op, "name", m.Name); err != nil {
		return err
	}
	if err := checkText(op, "code", m.Code, "form", m.Form, "mod", m.Mod); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.modules[m.Name] = m
	return nil
}

// PutTemplate implements ports.Library.
func (s *Store) PutTemplate(ctx context.Context, t ports.Template) error {
	const op = "store the template"
	if err := alive(ctx, op); err != nil {
		return err
	}
	if err := checkKey(op, "name", t.Name); err != nil {
		return err
	}
	if err := checkText(op, "content", t.Content); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.templates[t.Name] = t
	return nil
}
