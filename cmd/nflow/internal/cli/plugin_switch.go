package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func newPluginEnable(s *session) *cobra.Command {
	return s.switchCommand("enable", "Turn a plugin on again, on all servers of the database", "enabled",
		func(ctx context.Context, d pluginDesk, name string) error {
			return d.store.SwitchPlugin(ctx, name, false)
		})
}

func newPluginDisable(s *session) *cobra.Command {
	return s.switchCommand("disable", "Turn a plugin off, on all servers of the database", "disabled",
		func(ctx context.Context, d pluginDesk, name string) error {
			return d.store.SwitchPlugin(ctx, name, true)
		})
}

func newPluginReload(s *session) *cobra.Command {
	return s.switchCommand("reload", "Load a plugin anew, on all servers of the database", "asked to reload",
		func(ctx context.Context, d pluginDesk, name string) error { return d.store.ReloadPlugin(ctx, name) })
}

// switchCommand is a command that says what servers should do with a plugin.
func (s *session) switchCommand(verb, short, done string, turn func(context.Context, pluginDesk, string) error) *cobra.Command {
	return &cobra.Command{
		Use:   verb + " NAME",
		Short: short,
		Long: short + `. Calls that are under way
come to their end. Servers notice within plugin_host.refresh_interval.`,
		Example: "  nflow plugin " + verb + " hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.withPlugins(c.Context(), func(d pluginDesk) error {
				if err := d.known(c.Context(), args[0]); err != nil {
					return err
				}
				if err := turn(c.Context(), d, args[0]); err != nil {
					return err
				}
				say(s.Stdout, "%s %s\n", done, args[0])
				if p, ok := d.entry(args[0]); ok && !p.Enabled && verb == "enable" {
					say(s.Stderr, "warning: plugins.enabled is false for it, so it stays off\n")
				}
				d.noticed()
				return nil
			})
		},
	}
}

func newPluginRemove(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove an installed plugin from the database",
		Long: `Remove an installed plugin from the database, with all its revisions; list
--history still shows them. Calls that are under way come to their end.`,
		Example: "  nflow plugin remove hello",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.withPlugins(c.Context(), func(d pluginDesk) error {
				err := d.store.RemovePlugin(c.Context(), args[0])
				if p, ok := d.entry(args[0]); ok && p.Path != "" && fault.CodeOf(err) == fault.NotFound {
					return fault.New(fault.NotFound, "the plugin %q is not in the database but in %s; remove its [[plugins]], or turn it off with nflow plugin disable", p.Name, p.Path)
				}
				if err != nil {
					return err
				}
				say(s.Stdout, "removed %s\n", args[0])
				d.noticed()
				return nil
			})
		},
	}
}
