package plugins

import (
	"context"
	"fmt"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// loadTimeout bounds what a new plugin may take to answer its first calls.
const loadTimeout = 30 * time.Second

// greet asks a new plugin who it is, configures it and sees that it answers.
func (m *Manager) greet(ctx context.Context, g *generation) error {
	ctx, cancel := context.WithTimeoutCause(ctx, max(loadTimeout, g.settings.CallTimeout),
		fault.New(fault.LimitExceeded, "the plugin %s did not get ready in %s", g.manifest.Name, max(loadTimeout, g.settings.CallTimeout)))
	defer cancel()
	name := g.manifest.Name
	described, err := g.plugin.Call(ctx, ports.PluginCall{Op: ports.PluginDescribe}, nil)
	if err != nil {
		return inStep(err, "describe itself")
	}
	own, err := plugin.ParseManifest(described.Payload.Bytes())
	if err != nil {
		return inStep(err, "describe itself")
	}
	if field := g.manifest.Difference(own); field != "" {
		return fault.New(fault.Invalid, "the plugin %s says of itself something else than its manifest: %s differs; build both from one source", name, field).AtField(field)
	}
	settings := g.settings.Config
	if settings.IsZero() {
		settings = payload.EmptyObject()
	}
	if _, err := g.plugin.Call(ctx, ports.PluginCall{Op: ports.PluginConfigure, Payload: settings}, nil); err != nil {
		return inStep(err, "be configured")
	}
	// No plugin has this function, so what it says shows that it answers calls
	// and does no harm.
	_, err = g.plugin.Call(ctx, ports.PluginCall{Op: ports.PluginFunction, Name: "nflow smoke test", Payload: payload.Trusted([]byte("[]"))}, nil)
	if err != nil && !refused(err) {
		return inStep(err, "answer a first call")
	}
	return nil
}

// refused reports whether a plugin itself said that it has no such function.
func refused(err error) bool {
	f := fault.As(err)
	return f.Detail != "" && (f.Code == fault.NotFound || f.Code == fault.Malformed)
}

func inStep(err error, step string) error {
	f := *fault.As(err)
	f.Message = fmt.Sprintf("it could not %s: %s", step, f.Message)
	return &f
}
