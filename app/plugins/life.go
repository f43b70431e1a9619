package plugins

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// retire closes a generation once its calls have ended.
func (m *Manager) retire(g *generation) {
	m.retiring.Go(func() {
		g.drain(g.settings.CallTimeout + closePatience)
		m.endPlugin(g)
	})
}

// endPlugin closes what runs of a generation, whoever still waits.
func (m *Manager) endPlugin(g *generation) {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if err := g.plugin.Close(ctx); err != nil {
		m.deps.Log.Warn("plugin did not end well", "plugin", g.manifest.Name, "error", err)
	}
}

// closePatience is how long a plugin may take to end.
const closePatience = 5 * time.Second

// Close ends all plugins, and loads that are under way. Nothing is loaded after
// it.
func (m *Manager) Close() {
	m.end()
	m.writes <- struct{}{}
	defer func() { <-m.writes }()
	for _, name := range names(*m.set.Load()) {
		m.put(name, nil)
	}
	m.retiring.Wait()
}

// begin begins a change of the plugins, which done ends: there is one at a time,
// and none after Close. The context it gives ends with ctx and with Close. Code
// cancelled, unavailable.
func (m *Manager) begin(ctx context.Context) (inner context.Context, done func(), err error) {
	select {
	case m.writes <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, fault.Wrap(context.Cause(ctx), fault.Cancelled, "nobody waited until another change of the plugins was done")
	}
	if m.life.Err() != nil {
		<-m.writes
		return nil, nil, fault.New(fault.Unavailable, "the plugins are closed")
	}
	inner, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(m.life, func() {
		cancel(fault.New(fault.Cancelled, "the server is stopping"))
	})
	return inner, func() {
		stop()
		cancel(nil)
		<-m.writes
	}, nil
}
