package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

func newPlugin(s *session) *cobra.Command {
	parent := &cobra.Command{
		Use:   "plugin",
		Short: "Write, check, sign, install and switch plugins",
		Long: `Plugins add types of nodes, functions for scripts and actions of the API. They are
WebAssembly modules, or programs, that a [[plugins]] of the configuration names,
that lie in plugin_host.dir, or that are installed in the database.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	parent.AddCommand(
		newPluginNew(s), newPluginBuild(s), newPluginTest(s), newPluginInspect(s),
		newPluginPin(s), newPluginKeygen(s), newPluginSign(s),
		newPluginInstall(s), newPluginList(s), newPluginRemove(s),
		newPluginEnable(s), newPluginDisable(s), newPluginReload(s),
	)
	for _, c := range parent.Commands() {
		c.Args = asUsage(c.Args)
	}
	return parent
}

// pluginDesk is what the commands about plugins of the database work with.
type pluginDesk struct {
	*session

	cfg   config.Config
	store wire.Store
}

// withPlugins opens the database that keeps plugins and what operators want of
// them. No server has to run, and none is started.
func (s *session) withPlugins(ctx context.Context, work func(pluginDesk) error) (err error) {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if cfg.Store.Driver == wire.Memory {
		return usageError{fault.New(fault.Invalid, "nothing would be kept: database_nflow.driver is memory; plugins of such a server are those of [[plugins]] and plugin_host.dir")}
	}
	store, err := wire.OpenStore(ctx, cfg.Store)
	if err != nil {
		return err
	}
	defer closeInto(&err, store)
	return work(pluginDesk{s, cfg, store})
}

// entry is the [[plugins]] of a name, if there is one.
func (d pluginDesk) entry(name string) (config.Plugin, bool) {
	i := slices.IndexFunc(d.cfg.Plugins, func(p config.Plugin) bool { return p.Name == name })
	if i < 0 {
		return config.Plugin{}, false
	}
	return d.cfg.Plugins[i], true
}

// known fails when no server with this configuration could have the plugin, so
// that a slip of the pen is noticed.
func (d pluginDesk) known(ctx context.Context, name string) error {
	if _, ok := d.entry(name); ok {
		return nil
	}
	revisions, err := d.store.PluginRevisions(ctx, name)
	if err != nil {
		return err
	}
	for _, r := range revisions {
		if !r.Removed {
			return nil
		}
	}
	found, err := d.inDirectory()
	if err != nil || slices.ContainsFunc(found, func(p placed) bool { return p.name == name }) {
		return err
	}
	return fault.New(fault.NoPlugin, "there is no plugin %q: not in [[plugins]], not in plugin_host.dir and not in the database; see nflow plugin list", name)
}

// placed is a plugin in plugin_host.dir.
type placed struct{ name, path string }

// inDirectory lists the plugins in plugin_host.dir. What cannot be read there has
// no name; the server's log says why.
func (d pluginDesk) inDirectory() ([]placed, error) {
	if d.cfg.PluginHost.Dir == "" {
		return nil, nil
	}
	paths, err := files.Files{}.ListPlugins(d.cfg.PluginHost.Dir)
	if err != nil {
		return nil, err
	}
	var found []placed
	for _, path := range paths {
		file, err := files.Files{}.ReadPlugin(path)
		if err != nil {
			continue
		}
		if m, err := plugin.ParseManifest(file.Manifest); err == nil {
			found = append(found, placed{m.Name, path})
		}
	}
	return found, nil
}

// noticed tells when the change takes effect.
func (d pluginDesk) noticed() {
	say(d.Stderr, "servers notice within %s\n", d.cfg.PluginHost.RefreshInterval.Round(time.Millisecond))
}
