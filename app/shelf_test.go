package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// parseFails refuses every template that says "broken".
type parseFails struct{ ports.Renderer }

func (p parseFails) Check(engine node.TemplateEngine, source string) error {
	if strings.Contains(source, "broken") && (engine == node.HTMLTemplate || strings.Contains(source, "twice")) {
		return fault.New(fault.Invalid, "does not parse")
	}
	return nil
}

type scriptParseFails struct{ ports.ScriptEngine }

func (scriptParseFails) Check(_ context.Context, s node.Script) ([]policy.Finding, error) {
	if strings.Contains(s.Code, "broken") {
		return nil, fault.New(fault.Invalid, "does not parse").AtField(s.Field).AtLine(1, 2)
	}
	return nil, nil
}

func TestShelfRefusesWhatDoesNotParse(t *testing.T) {
	w := newStopped(t, applicationRows(t), func(d *app.Deps, _ *app.Config) {
		d.Engine = scriptParseFails{d.Engine}
		d.Renderer = parseFails{Renderer: d.Renderer}
	})
	shelf := w.Shelf()
	if err := shelf.PutModule(t.Context(), ports.Module{Name: "m", Code: "fine"}); err != nil {
		t.Fatal(err)
	}
	err := shelf.PutModule(t.Context(), ports.Module{Name: "m", Code: "broken"})
	if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Line != 1 {
		t.Errorf("a broken module gave %v", err)
	}
	if m, err := shelf.Module(t.Context(), "m"); err != nil || m.Code != "fine" {
		t.Errorf("module %v, %v", m, err)
	}
	if err := shelf.PutTemplate(t.Context(), ports.Template{Name: "t", Content: "broken for html only"}); err != nil {
		t.Errorf("a mustache template gave %v", err)
	}
	if err := shelf.PutTemplate(t.Context(), ports.Template{Name: "t", Content: "broken twice"}); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a broken template gave %v", err)
	}
}
