package plugins

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// Start loads all plugins. One that cannot be loaded is logged, shows in Health,
// and leaves the others alone.
func (m *Manager) Start(ctx context.Context) error {
	if m.deps.Store == nil {
		return nil
	}
	m.lock()
	defer m.unlock()
	if err := m.readSettings(); err != nil {
		return err
	}
	_, err := m.reconcile(ctx, func(string) bool { return false })
	return err
}

// Refresh takes over what was installed, removed or switched meanwhile, and
// tries again what could not be loaded. It reports whether node types changed.
func (m *Manager) Refresh(ctx context.Context) (changed bool, err error) {
	if m.deps.Store == nil {
		return false, nil
	}
	m.lock()
	defer m.unlock()
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
	m.lock()
	defer m.unlock()
	if err := m.readSettings(); err != nil {
		return false, err
	}
	return m.reconcile(ctx, m.fileChanged)
}

// fileChanged reports whether a plugin's file is not the one that is loaded.
func (m *Manager) fileChanged(name string) bool {
	e := m.get(name)
	if e == nil || e.gen == nil || e.settings.Path == "" {
		return false
	}
	file, err := m.deps.Files.ReadPlugin(e.settings.Path)
	return err != nil || plugin.Digest(file.Artifact) != e.gen.digest
}

// reconcile makes the plugins those that are wanted. Those for which force holds
// are loaded anew in any case.
func (m *Manager) reconcile(ctx context.Context, force func(name string) bool) (changed bool, err error) {
	all, err := m.wanted(ctx)
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
	results := make([]*entry, len(all))
	slots := make(chan struct{}, loadsAtOnce)
	for i, name := range names(all) {
		w := all[name]
		if !m.isDue(name, w) && !force(name) {
			continue
		}
		loading.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i] = m.renew(ctx, w)
		})
	}
	loading.Wait()
	for _, e := range results {
		if e != nil {
			m.put(e.settings.Name, e)
		}
	}
	return !reflect.DeepEqual(before, m.palette()), nil
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
	case e.problem == "" || w.disabled:
		return false
	}
	return m.deps.Clock.Now().Sub(e.tried) >= retryAfter
}

// retryAfter is how long a plugin that cannot be loaded is left alone.
const retryAfter = time.Minute

// renew is the entry that a wanted plugin gets: loaded anew, or, when that
// fails, as it was with the reason.
func (m *Manager) renew(ctx context.Context, w wanted) *entry {
	name := w.settings.Name
	e := &entry{wanted: w, tried: m.deps.Clock.Now()}
	if w.disabled {
		return e
	}
	gen, err := m.load(ctx, w.settings)
	if err == nil {
		e.gen = gen
		m.deps.Log.Info("plugin loaded", "plugin", name, "version", gen.manifest.Version, "source", describeSource(w.source()),
			"kind", gen.kind, "sha256", gen.digest, "signed", gen.signed)
		return e
	}
	e.problem = err.Error()
	if old := m.get(name); old != nil && !old.disabled {
		e.gen = old.gen
	}
	m.deps.Log.Error("plugin cannot be loaded", "plugin", name, "source", describeSource(w.source()), "error", err, "old_one_stays", e.gen != nil)
	return e
}

// Reload loads one plugin anew, with its settings as they are now, here and on
// all instances. What is wrong with the new one is the error, and the old one
// stays. It reports whether node types changed.
func (m *Manager) Reload(ctx context.Context, name string) (changed bool, err error) {
	if m.deps.Store == nil {
		return false, notWanted(name)
	}
	m.lock()
	defer m.unlock()
	if err := m.readSettings(); err != nil {
		return false, err
	}
	return m.renewOne(ctx, name, m.deps.Switches.ReloadPlugin)
}

// Switch turns a plugin on or off, here and on all instances. It reports whether
// node types changed.
func (m *Manager) Switch(ctx context.Context, name string, disabled bool) (changed bool, err error) {
	if m.deps.Store == nil {
		return false, notWanted(name)
	}
	m.lock()
	defer m.unlock()
	return m.renewOne(ctx, name, func(ctx context.Context, name string) error {
		return m.deps.Switches.SwitchPlugin(ctx, name, disabled)
	})
}

// renewOne notes an operator's wish for all instances and fulfils it here.
func (m *Manager) renewOne(ctx context.Context, name string, note func(context.Context, string) error) (changed bool, err error) {
	all, err := m.wanted(ctx)
	if err != nil {
		return false, err
	}
	if _, known := all[name]; !known {
		return false, notWanted(name)
	}
	if err := note(ctx, name); err != nil {
		return false, err
	}
	if all, err = m.wanted(ctx); err != nil {
		return false, err
	}
	w := all[name]
	before := m.palette()
	e := m.renew(ctx, w)
	m.put(name, e)
	if e.problem != "" {
		err = fault.New(fault.Invalid, "%s", e.problem)
	}
	return !reflect.DeepEqual(before, m.palette()), err
}
