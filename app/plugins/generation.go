package plugins

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// generation is one loading of a plugin: its bytes, rights and running code. A
// newer one replaces it whole.
type generation struct {
	settings Settings
	manifest plugin.Manifest
	rights   plugin.Rights
	plugin   ports.Plugin
	schemas  schemas
	digest   string // of the artifact
	besides  string // of manifest and signature
	signed   bool
	kind     string
	loaded   time.Time

	places  chan struct{} // for calls at once
	waiting atomic.Int32
	calls   atomic.Int64
	errors  atomic.Int64

	mu      sync.Mutex
	inside  int
	retired bool
	empty   chan struct{} // closed when retired and nobody is inside
}

// schemas are the compiled schemas of what a plugin offers.
type schemas struct{ nodes, functions, actions map[string]ports.Schema }

// enter lets a call in; false when a newer generation has taken over.
func (g *generation) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.retired {
		return false
	}
	g.inside++
	return true
}

func (g *generation) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	if g.retired && g.inside == 0 {
		close(g.empty)
	}
}

// drain lets nobody in any more and waits for those inside.
func (g *generation) drain(patience time.Duration) {
	g.mu.Lock()
	g.retired = true
	if g.inside == 0 {
		close(g.empty)
	}
	g.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-g.empty:
	case <-ctx.Done():
	}
}

// call waits for a place and carries out one call in the plugin's time.
func (g *generation) call(ctx context.Context, call ports.PluginCall, host ports.PluginHost) (ports.PluginResult, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, g.settings.CallTimeout, g.tooSlow())
	defer cancel()
	if err := g.wait(ctx); err != nil {
		return ports.PluginResult{}, err
	}
	defer func() { <-g.places }()
	return g.plugin.Call(ctx, call, host)
}

func (g *generation) tooSlow() error {
	return fault.New(fault.LimitExceeded, "the plugin %s took longer than %s", g.manifest.Name, g.settings.CallTimeout).OverLimit("plugins.call_timeout")
}

// wait takes one of the places for calls.
func (g *generation) wait(ctx context.Context) error {
	select {
	case g.places <- struct{}{}:
		return nil
	default:
	}
	if int(g.waiting.Add(1)) > g.settings.MaxQueue {
		g.waiting.Add(-1)
		return g.busy("plugins.max_queue", "%d calls run and %d wait", g.settings.MaxConcurrent, g.settings.MaxQueue)
	}
	defer g.waiting.Add(-1)
	select {
	case g.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		f := fault.As(context.Cause(ctx))
		if f.Limit != "plugins.call_timeout" {
			return f
		}
		return g.busy("plugins.max_concurrent", "no place became free in %s; %d calls run at once", g.settings.CallTimeout, g.settings.MaxConcurrent)
	}
}

func (g *generation) busy(limit, format string, args ...any) error {
	f := fault.New(fault.LimitExceeded, format, args...).OverLimit(limit).Retry(1)
	f.Message = "the plugin " + g.manifest.Name + " is busy: " + f.Message
	return f
}
