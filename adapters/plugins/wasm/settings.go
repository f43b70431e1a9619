package wasm

import (
	"context"
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// errorIn is the error in the header of an answer; nil when there is none.
func errorIn(answer wire.Frame) *wire.Error {
	var header struct {
		Error *wire.Error `json:"error"`
	}
	if json.Unmarshal(answer.Header, &header) != nil {
		return nil
	}
	return header.Error
}

// keepSettings remembers the configure call that an instance took, so that every
// other instance gets it, too. Those that wait go; those at work go when they
// are done.
func (t *transport) keepSettings(ctx context.Context, i *instance, request wire.Frame) {
	t.mu.Lock()
	t.settings = &wire.Frame{Header: request.Header, Payload: request.Payload}
	t.generation++
	i.generation = t.generation
	stale := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, old := range stale {
		old.discard(ctx)
	}
}

// configure brings a new instance to the settings of the others.
func (t *transport) configure(inner context.Context, i *instance) error {
	t.mu.Lock()
	settings, generation := t.settings, t.generation
	t.mu.Unlock()
	i.generation = generation
	if settings == nil {
		return nil
	}
	answer, err := i.converse(inner, *settings, calls.NoHost, t.maxFrame())
	if err != nil {
		return err
	}
	if e := errorIn(answer); e != nil {
		return breach{fault.PluginFailed, "a new instance refused the settings that another one took: " + e.Message}
	}
	return nil
}
