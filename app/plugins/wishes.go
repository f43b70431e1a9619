package plugins

import (
	"context"
	"reflect"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Reload loads one plugin anew, with its settings as they are now, here and on
// all instances. What is wrong with the new one is the error, and the old one
// stays. It reports whether node types changed.
func (m *Manager) Reload(ctx context.Context, name string) (changed bool, err error) {
	if m.deps.Store == nil {
		return false, notWanted(name)
	}
	ctx, done, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if err := m.rereadOne(name); err != nil {
		return false, err
	}
	return m.renewOne(ctx, name, true, m.deps.Switches.ReloadPlugin)
}

// Switch turns a plugin on or off, here and on all instances. It reports whether
// node types changed.
func (m *Manager) Switch(ctx context.Context, name string, disabled bool) (changed bool, err error) {
	if m.deps.Store == nil {
		return false, notWanted(name)
	}
	ctx, done, err := m.begin(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	return m.renewOne(ctx, name, false, func(ctx context.Context, name string) error {
		if !disabled && m.isOff(name) {
			return fault.New(fault.Invalid, "the plugin %s is switched off in the configuration; set plugins.enabled = true there", name).AtField("enabled")
		}
		return m.deps.Switches.SwitchPlugin(ctx, name, disabled)
	})
}

// isOff reports whether a plugin is switched off in [[plugins]], which no switch
// overrules.
func (m *Manager) isOff(name string) bool {
	return slices.ContainsFunc(m.settings, func(s Settings) bool { return s.Name == name && s.Disabled })
}

// renewOne notes an operator's wish for all instances and fulfils it here. What
// is as wanted already is loaded anew only by force.
func (m *Manager) renewOne(ctx context.Context, name string, force bool, note func(context.Context, string) error) (changed bool, err error) {
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
	w, known := all[name]
	switch e := m.get(name); {
	case !known: // removed meanwhile, which the next refresh sees
		return false, notWanted(name)
	case !force && e != nil && e.problem == "" && reflect.DeepEqual(e.wanted, w):
		return false, nil
	}
	before := m.palette()
	err = m.renew(ctx, w)
	return !reflect.DeepEqual(before, m.palette()), err
}
