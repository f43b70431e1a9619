package app_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const greeter = `{"name":"hello","version":"1.0.0","abi":1,"nodes":[{"type":"greet"}]}`

// onlyPlugin is the plugin hello: its file, its loader, itself and who watches.
type onlyPlugin struct{ ports.PluginFiles }

func (onlyPlugin) ReadPlugin(string) (ports.PluginFile, error) {
	return ports.PluginFile{Artifact: []byte("\x00asm"), Manifest: []byte(greeter)}, nil
}
func (p onlyPlugin) Open(context.Context, ports.PluginSpec) (ports.Plugin, error) { return p, nil }
func (onlyPlugin) State() ports.PluginState                                       { return ports.PluginState{Status: "ok"} }
func (onlyPlugin) Close(context.Context) error                                    { return nil }
func (onlyPlugin) Call(_ context.Context, call ports.PluginCall, _ ports.PluginHost) (ports.PluginResult, error) {
	if call.Op == ports.PluginDescribe {
		return ports.PluginResult{Payload: payload.Trusted([]byte(greeter))}, nil
	}
	return ports.PluginResult{}, nil
}
func (onlyPlugin) PluginCalled(string, string, fault.Code, time.Duration) {}
func (onlyPlugin) PluginSeen(string, ports.PluginState)                   {}

// flaky is a store of workflows that can be down.
type flaky struct {
	ports.WorkflowReader

	down  bool
	asked int
}

func (f *flaky) Active(ctx context.Context) ([]ports.Workflow, error) {
	f.asked++
	if f.down {
		return nil, errors.New("the database is away")
	}
	return f.WorkflowReader.Active(ctx)
}

// TestWorkflowsFollowPluginsSoonerOrLater: when they cannot be compiled anew for
// a plugin that came, the next look at the plugins makes up for it.
func TestWorkflowsFollowPluginsSoonerOrLater(t *testing.T) {
	store, settings := &flaky{}, []plugins.Settings(nil)
	w := newWorld(t, func(d *app.Deps, _ *app.Config) {
		store.WorkflowReader = d.Workflows
		d.Workflows = store
		memory, _ := d.Settings.(interface {
			ports.PluginStore
			ports.PluginSwitches
			ports.KeyValues
		})
		p := onlyPlugin{}
		d.PluginManager = plugins.New(plugins.Deps{
			Loaders: map[plugins.Runner]ports.PluginLoader{plugins.WASM: p}, Files: p,
			Store: memory, Switches: memory, Values: memory, Observer: p, Clock: d.Clock, Log: slog.New(slog.DiscardHandler),
		}, plugins.Config{Dev: true, Settings: func() ([]plugins.Settings, error) { return settings, nil }})
	})
	settings = []plugins.Settings{{Name: "hello", Path: "hello.wasm", CallTimeout: time.Minute, MaxConcurrent: 1}}
	store.down = true
	if err := w.RereadPlugins(t.Context()); err == nil {
		t.Fatal("the workflows were compiled without their store")
	}
	store.down, store.asked = false, 0
	for range 2 {
		if err := w.RereadPlugins(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if store.asked != 1 {
		t.Errorf("the workflows were compiled %d times after their store came back", store.asked)
	}
}
