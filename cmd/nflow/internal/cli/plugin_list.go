package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

type listFlags struct{ history, json bool }

func newPluginList(s *session) *cobra.Command {
	var f listFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List the plugins of the database and of the configuration",
		Long: `List the plugins that are installed in the database, that the configuration names
and that lie in plugin_host.dir, and which of them are turned off. What a server
has loaded, and what is wrong with the rest, say GET /api/admin/plugins and its
health page.`,
		Example: `  nflow plugin list
  nflow plugin list --history
  nflow plugin list --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.withPlugins(c.Context(), func(d pluginDesk) error { return d.list(c.Context(), f) })
		},
	}
	c.Flags().BoolVar(&f.history, "history", false, "every revision, removed ones too")
	c.Flags().BoolVar(&f.json, "json", false, "one JSON array")
	return c
}

// listedPlugin is a plugin in a list.
type listedPlugin struct {
	Name      string                 `json:"name"`
	Source    string                 `json:"source"` // a path, or "database"; empty = it is only switched
	Enabled   bool                   `json:"enabled"`
	Reloads   int                    `json:"reloads"`
	Revisions []ports.PluginRevision `json:"revisions"`
}

func (d pluginDesk) list(ctx context.Context, f listFlags) error {
	all, err := d.plugins(ctx, f.history)
	if err != nil {
		return err
	}
	if f.json {
		e := json.NewEncoder(d.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	if len(all) == 0 {
		say(d.Stdout, "there are no plugins\n")
		return nil
	}
	return d.table(all)
}

// plugins collects them from everywhere, by name.
func (d pluginDesk) plugins(ctx context.Context, history bool) ([]listedPlugin, error) {
	byName := map[string]*listedPlugin{}
	get := func(name string) *listedPlugin {
		if byName[name] == nil {
			byName[name] = &listedPlugin{Name: name, Enabled: true, Revisions: []ports.PluginRevision{}}
		}
		return byName[name]
	}
	revisions, err := d.store.PluginRevisions(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, r := range revisions {
		if history || !r.Removed && !hasPlatform(get(r.Name).Revisions, r.Platform) {
			one := get(r.Name)
			one.Revisions = append(one.Revisions, r)
		}
		if !r.Removed {
			get(r.Name).Source = "database"
		}
	}
	if err := d.addDirectory(get); err != nil {
		return nil, err
	}
	for _, p := range d.cfg.Plugins {
		one := get(p.Name)
		one.Enabled = p.Enabled
		if p.Path != "" {
			one.Source = p.Path
		}
	}
	switches, err := d.store.PluginSwitches.PluginSwitches(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range switches {
		if byName[s.Name] == nil && !history {
			continue // it was removed
		}
		one := get(s.Name)
		one.Enabled, one.Reloads = one.Enabled && !s.Disabled, s.Reloads
	}
	list := make([]listedPlugin, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		list = append(list, *byName[name])
	}
	return list, nil
}

func (d pluginDesk) addDirectory(get func(string) *listedPlugin) error {
	found, err := d.inDirectory()
	for _, f := range found {
		get(f.name).Source = f.path
	}
	return err
}

// hasPlatform says whether a newer revision replaces those of a platform.
func hasPlatform(list []ports.PluginRevision, platform string) bool {
	return slices.ContainsFunc(list, func(r ports.PluginRevision) bool {
		return r.Platform == platform || r.Platform == plugin.AnyPlatform
	})
}

func (d pluginDesk) table(all []listedPlugin) error {
	w := tabwriter.NewWriter(d.Stdout, 0, 0, 2, ' ', 0)
	line := func(cells ...any) {
		for i, cell := range cells {
			if i > 0 {
				_, _ = fmt.Fprint(w, "\t")
			}
			_, _ = fmt.Fprint(w, cell)
		}
		_, _ = fmt.Fprintln(w)
	}
	line("NAME", "STATE", "SOURCE", "VERSION", "REVISION", "KIND", "PLATFORM", "INSTALLED", "BY", "SHA256")
	for _, p := range all {
		state := "enabled"
		if !p.Enabled {
			state = "disabled"
		}
		source := orDash(p.Source)
		if len(p.Revisions) == 0 {
			line(p.Name, state, source, "-", "-", "-", "-", "-", "-", "-")
		}
		for _, r := range p.Revisions {
			if r.Removed {
				state = "removed"
			}
			line(p.Name, state, source, r.Version, r.Revision, r.Kind, r.Platform, r.Installed.Format(time.RFC3339), orDash(r.Author), r.SHA256)
		}
	}
	return w.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
