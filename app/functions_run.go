package app

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// runFunctions are wkill(id), which stops another run of the same workflow, and
// get_env(key) and set_env(key, value) over the [env] section; what set_env
// changes is seen by this run only.
func runFunctions() map[string]hostCall {
	return map[string]hostCall{
		"wkill": func(_ context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			return truth(h.runs.stop(h.published.ID, a.text(0))), nil
		},
		"get_env": func(_ context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			v, ok := h.environment().Field(a.text(0))
			if !ok {
				return payload.Text(""), nil
			}
			return v, nil
		},
		"set_env": func(_ context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			key, err := a.required(0, "key")
			if err != nil {
				return payload.Value{}, err
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.env == nil {
				h.env = make(map[string]string)
			}
			h.env[key] = a.text(1)
			return nothing()
		},
	}
}
