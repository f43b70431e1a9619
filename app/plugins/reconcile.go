package plugins

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Start loads all plugins. One that cannot be loaded is logged, shows in Health,
// and leaves the others alone.
func (m *Manager) Start(ctx context.Context) error {
	if m.deps.Store == nil {
		return nil
	}
	ctx, done, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	if err := m.readSettings(); err != nil {
		return err
	}
	_, err = m.reconcile(ctx, func(string) bool { return false })
	m.observe()
	return err
}

// Refresh takes over what was installed, removed or switched meanwhile, and
// tries again what could not be loaded. It reports whether node types changed.
func (m *Manager) Refresh(ctx context.Context) (changed bool, err error) {
	if m.deps.Store == nil {
		return false, nil
	}
	ctx, done, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	changed, err = m.reconcile(ctx, func(string) bool { return false })
	m.observe()
	return changed, err
}

// Reread reads [[plugins]] and all plugins' files anew, and replaces what is not
// as before. It reports whether node types changed.
func (m *Manager) Reread(ctx context.Context) (changed bool, err error) {
	if m.deps.Store == nil {
		return false, nil
	}
	ctx, done, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if err := m.readSettings(); err != nil {
		return false, err
	}
	return m.reconcile(ctx, m.isStale)
}

// isStale reports whether a plugin could not be loaded, or its files are not
// those that are.
func (m *Manager) isStale(name string) bool {
	e := m.get(name)
	switch {
	case e == nil || e.disabled:
		return false
	case e.problem != "":
		return true
	case e.settings.Path == "":
		return false
	}
	file, err := m.deps.Files.ReadPlugin(e.settings.Path)
	return err != nil || plugin.Digest(file.Artifact) != e.gen.digest || besides(file) != e.gen.besides
}

// besides tells the manifest and the signature of a plugin from others.
func besides(file ports.PluginFile) string {
	return plugin.Digest(file.Manifest) + plugin.Digest(file.Signature)
}

// reconcile makes the plugins those that are wanted, each as soon as it is
// loaded. Those for which force holds are loaded anew in any case.
func (m *Manager) reconcile(ctx context.Context, force func(name string) bool) (changed bool, err error) {
	all, err := m.wanted(ctx)
	if err == nil && m.rereadReloaded(all) {
		all, err = m.wanted(ctx)
	}
	if err != nil {
		return false, err
	}
	before := m.palette()
	for _, name := range names(*m.set.Load()) {
		if _, still := all[name]; !still {
			m.put(name, nil)
			m.deps.Log.Info("plugin removed", "plugin", name)
		}
	}
	var loading sync.WaitGroup
	slots := make(chan struct{}, loadsAtOnce)
	for _, name := range names(all) {
		w := all[name]
		if !m.isDue(name, w) && !force(name) {
			continue
		}
		loading.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			_ = m.renew(ctx, w) // it is in the entry and in the log
		})
	}
	loading.Wait()
	if ctx.Err() != nil {
		err = cancelled(ctx)
	}
	return !reflect.DeepEqual(before, m.palette()), err
}

// rereadReloaded reads the settings of plugins anew that somebody wants reloaded,
// and reports whether there were any. Settings that are wrong stay as they were.
func (m *Manager) rereadReloaded(all map[string]wanted) (any bool) {
	for name, w := range all {
		if e := m.get(name); e == nil || e.reloads == w.reloads {
			continue
		}
		if err := m.rereadOne(name); err != nil {
			m.deps.Log.Error("plugin is loaded anew with its old settings", "plugin", name, "error", err)
			continue
		}
		any = true
	}
	return any
}

func cancelled(ctx context.Context) error {
	return fault.Wrap(context.Cause(ctx), fault.Cancelled, "the loading of plugins was cancelled")
}

// loadsAtOnce bounds the plugins that are loaded at the same time.
const loadsAtOnce = 4

// isDue reports whether a plugin is not as it is wanted, or failed and may be
// tried again.
func (m *Manager) isDue(name string, w wanted) bool {
	e := m.get(name)
	switch {
	case e == nil, !reflect.DeepEqual(e.wanted, w):
		return true
	case e.problem == "":
		return false
	}
	return m.deps.Clock.Now().Sub(e.tried) >= retryAfter
}

// retryAfter is how long a plugin that cannot be loaded is left alone.
const retryAfter = time.Minute

// renew makes a plugin what is wanted: it is loaded anew, or, when that fails,
// stays as it was with the reason, which is the error. A load that was cancelled
// says nothing about the plugin and changes nothing.
func (m *Manager) renew(ctx context.Context, w wanted) error {
	name := w.settings.Name
	e := &entry{wanted: w}
	if w.disabled {
		e.nodes = m.offered(ctx, w)
		m.put(name, e)
		return nil
	}
	gen, err := m.load(ctx, w.settings)
	if err != nil && ctx.Err() != nil {
		return cancelled(ctx)
	}
	e.tried = m.deps.Clock.Now()
	if err == nil {
		e.gen, e.nodes = gen, gen.manifest.Nodes
		m.put(name, e)
		m.deps.Log.Info("plugin loaded", "plugin", name, "version", gen.manifest.Version, "source", describeSource(w.source()),
			"kind", gen.kind, "sha256", gen.digest, "signed", gen.signed)
		return nil
	}
	e.problem = err.Error()
	if old := m.get(name); old != nil {
		e.gen, e.nodes = old.gen, old.nodes
	}
	if e.nodes == nil {
		e.nodes = m.offered(ctx, w)
	}
	m.put(name, e)
	m.deps.Log.Error("plugin cannot be loaded", "plugin", name, "source", describeSource(w.source()), "error", err, "old_one_stays", e.gen != nil)
	return fault.New(fault.Invalid, "%s", e.problem)
}
