package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// PluginSwitches implements ports.PluginSwitches.
func (s *Store) PluginSwitches(ctx context.Context) ([]ports.PluginSwitch, error) {
	if err := alive(ctx, "read the switches of the plugins"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]ports.PluginSwitch, 0, len(s.switches))
	for _, name := range slices.Sorted(maps.Keys(s.switches)) {
		list = append(list, s.switches[name])
	}
	return list, nil
}

// SwitchPlugin implements ports.PluginSwitches; code invalid for what is no name.
func (s *Store) SwitchPlugin(ctx context.Context, name string, disabled bool) error {
	return s.turn(ctx, "switch the plugin", name, func(one *ports.PluginSwitch) { one.Disabled = disabled })
}

// ReloadPlugin implements ports.PluginSwitches; code invalid for what is no name.
func (s *Store) ReloadPlugin(ctx context.Context, name string) error {
	return s.turn(ctx, "reload the plugin", name, func(one *ports.PluginSwitch) { one.Reloads++ })
}

func (s *Store) turn(ctx context.Context, op, name string, change func(*ports.PluginSwitch)) error {
	if err := alive(ctx, op); err != nil {
		return err
	}
	if err := checkPluginName(op, name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.switches[name]
	one.Name = name
	change(&one)
	s.switches[name] = one
	return nil
}

func checkPluginName(op, name string) error {
	if !plugin.ValidName(name) {
		return fault.New(fault.Invalid, "cannot %s: %q is no name for a plugin", op, name).AtField("name")
	}
	return nil
}
