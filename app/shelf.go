package app

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Shelf is the library as people change it: what does not parse is refused, since
// published workflows would break on it, and a change is seen at once.
type Shelf struct{ runtime *Runtime }

var _ ports.Library = Shelf{}

// Shelf returns the library for people.
func (r *Runtime) Shelf() Shelf { return Shelf{r} }

// Module returns a stored module.
func (s Shelf) Module(ctx context.Context, name string) (ports.Module, error) {
	return s.runtime.Library.Module(ctx, name)
}

// Template returns a stored template.
func (s Shelf) Template(ctx context.Context, name string) (ports.Template, error) {
	return s.runtime.Library.Template(ctx, name)
}

// PutModule stores a module; code invalid, with line and column, when it does not
// parse, and script_blocked when the analysis refuses it.
func (s Shelf) PutModule(ctx context.Context, m ports.Module) error {
	script := moduleScript(m.Code)
	script.Field = "code"
	if err := s.runtime.checkModule(ctx, script, "module "+m.Name); err != nil {
		return err
	}
	if err := s.runtime.Library.PutModule(ctx, m); err != nil {
		return err
	}
	s.runtime.library.modules.forget(ctx, m.Name)
	return nil
}

// checkModule gives every fault of a module.
func (r *Runtime) checkModule(ctx context.Context, s node.Script, name string) error {
	v, err := r.readable(ctx, r.Engine, s, subject{name: name})
	if err != nil {
		return err
	}
	var faults fault.List
	for _, finding := range v.findings {
		if _, blocks := r.cfg.Analysis.Blocking([]policy.Finding{finding}); blocks {
			faults.Add(refusal(finding, "", s.Field))
		}
	}
	err = faults.Err()
	r.countRefused(err)
	return err
}

// PutTemplate stores a template; code invalid when it parses in no template
// language: which one it is for is the node's to say.
func (s Shelf) PutTemplate(ctx context.Context, t ports.Template) error {
	if err := s.runtime.Renderer.Check(node.HTMLTemplate, t.Content); err != nil {
		if s.runtime.Renderer.Check(node.Mustache, t.Content) != nil {
			return fault.As(err).AtField("content")
		}
	}
	if err := s.runtime.Library.PutTemplate(ctx, t); err != nil {
		return err
	}
	s.runtime.library.templates.forget(ctx, t.Name)
	return nil
}
