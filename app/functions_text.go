package app

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// textFunctions are template(text, data), mustache(text, data) and
// get_template(name).
func textFunctions() map[string]hostCall {
	return map[string]hostCall{
		"template": renderWith(node.HTMLTemplate),
		"mustache": renderWith(node.Mustache),
		"get_template": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			name, err := a.required(0, "name")
			if err != nil {
				return payload.Value{}, err
			}
			stored, err := h.library.template(ctx, name)
			if err != nil {
				return payload.Value{}, err
			}
			return payload.Text(stored.Content), nil
		},
	}
}

func renderWith(engine node.TemplateEngine) hostCall {
	return func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
		text, err := h.Renderer.Render(ctx, engine, a.text(0), a.at(1))
		return payload.Text(text), err
	}
}
