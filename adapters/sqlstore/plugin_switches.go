package sqlstore

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// PluginSwitches implements ports.PluginSwitches.
func (s *Store) PluginSwitches(ctx context.Context) ([]ports.PluginSwitch, error) {
	var list []ports.PluginSwitch
	err := s.many(ctx, "read the switches of the plugins", usual, &list, "SELECT name, disabled, reloads FROM nf_plugin_switches ORDER BY name")
	return list, err
}

// SwitchPlugin implements ports.PluginSwitches; code invalid for what is no name.
func (s *Store) SwitchPlugin(ctx context.Context, name string, disabled bool) error {
	const op = "switch the plugin"
	if err := checkPluginName(op, name); err != nil {
		return err
	}
	_, err := s.exec(ctx, op, `INSERT INTO nf_plugin_switches (name, disabled, reloads) VALUES ($1, $2, 0)
		ON CONFLICT (name) DO UPDATE SET disabled = excluded.disabled`, name, disabled)
	return err
}

// ReloadPlugin implements ports.PluginSwitches; code invalid for what is no name.
func (s *Store) ReloadPlugin(ctx context.Context, name string) error {
	const op = "reload the plugin"
	if err := checkPluginName(op, name); err != nil {
		return err
	}
	_, err := s.exec(ctx, op, `INSERT INTO nf_plugin_switches (name, disabled, reloads) VALUES ($1, FALSE, 1)
		ON CONFLICT (name) DO UPDATE SET reloads = nf_plugin_switches.reloads + 1`, name)
	return err
}

func checkPluginName(op, name string) error {
	if !plugin.ValidName(name) {
		return fault.New(fault.Invalid, "cannot %s: %q is no name for a plugin", op, name).AtField("name")
	}
	return nil
}
