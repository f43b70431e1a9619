package cli

import (
	"context"
	"errors"
	"os/user"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

type installFlags struct {
	dev      bool
	platform string
}

func newPluginInstall(s *session) *cobra.Command {
	var f installFlags
	c := &cobra.Command{
		Use:   "install FILE",
		Short: "Install a plugin in the database, for all its servers",
		Long: `Put a plugin into the configured database, from where every server loads it: a
module or a program, with its nflow-plugin.json and nflow-plugin.sig beside it. It
must be signed by one of plugin_host.trusted_keys, or pinned in its [[plugins]];
servers check that again when they load it. A program is one installation for
each platform.`,
		Example: `  nflow plugin install hello.wasm
  nflow plugin install dist/hello-linux-amd64
  nflow plugin install hello.wasm --dev`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return s.withPlugins(c.Context(), func(d pluginDesk) error { return d.install(c.Context(), args[0], f) })
		},
	}
	c.Flags().BoolVar(&f.dev, "dev", false, "install what nobody vouches for; servers load it only with dev = true")
	c.Flags().StringVar(&f.platform, "platform", "", platformUsage)
	return c
}

func (d pluginDesk) install(ctx context.Context, path string, f installFlags) error {
	file, err := files.Files{}.ReadPlugin(path)
	if err != nil {
		return err
	}
	m, err := plugin.ParseManifest(file.Manifest)
	if err != nil {
		return faultsOf("the manifest of "+path, err)
	}
	platform, err := platformOf(path, file.Artifact, f.platform)
	if err != nil {
		return err
	}
	kind := config.KindProcess
	if files.IsModule(file.Artifact) {
		kind = config.KindWasm
	}
	entry, _ := d.entry(m.Name)
	if entry.Kind != "" && entry.Kind != kind {
		return fault.New(fault.Invalid, "%s is of the kind %s, but plugins.kind of %s is %s", path, kind, m.Name, entry.Kind)
	}
	signed, unvouched, err := d.vouch(m, file, platform, entry, f.dev)
	if err != nil {
		return err
	}
	p := ports.StoredPlugin{
		PluginRevision: ports.PluginRevision{
			Name: m.Name, Version: m.Version, Kind: kind, Platform: platform, Installed: time.Now(), Author: author(),
		},
		PluginFile: file,
	}
	revision, err := d.store.InstallPlugin(ctx, p)
	if err != nil {
		return err
	}
	say(d.Stdout, "installed %s %s as revision %d (%s, %s, %d bytes, signed: %s)\nsha256 %s\n",
		m.Name, m.Version, revision, kind, platform, len(file.Artifact), yesNo(signed), plugin.Digest(file.Artifact))
	d.advise(m.Name, entry, unvouched, pinLine(map[string]string{platform: plugin.Digest(file.Artifact)}))
	return nil
}

// vouch decides as servers will. What only --dev lets through comes back too,
// as the fault servers will give.
func (d pluginDesk) vouch(m plugin.Manifest, file ports.PluginFile, platform string, entry config.Plugin, dev bool) (signed bool, unvouched, err error) {
	trust := plugin.Trust{Keys: d.cfg.PluginHost.Keys(), Pins: entry.SHA256, Dev: entry.Dev || d.cfg.PluginHost.Dev}
	signed, err = trust.Verify(m, file.Manifest, file.Artifact, file.Signature, platform)
	if err == nil || !dev {
		return signed, nil, err
	}
	trust.Dev = true
	_, devErr := trust.Verify(m, file.Manifest, file.Artifact, file.Signature, platform)
	return false, err, devErr
}

// advise says what still keeps servers from loading what was installed.
func (d pluginDesk) advise(name string, entry config.Plugin, unvouched error, pin string) {
	switch {
	case entry.Path != "":
		say(d.Stderr, "warning: servers load %s from %s, as plugins.path says; remove that key to load what is installed\n", name, entry.Path)
	case !entry.Enabled && entry.Name != "":
		say(d.Stderr, "warning: plugins.enabled is false for %s, so servers do not load it\n", name)
	case unvouched != nil:
		say(d.Stderr, "warning: servers refuse it until its [[plugins]] has dev = true, or\n%s\n", pin)
	}
	d.noticed()
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// author is who installs, as the system knows them.
func author() string {
	u, err := user.Current()
	var unknown user.UnknownUserIdError
	if err != nil && !errors.As(err, &unknown) || u == nil {
		return ""
	}
	return u.Username
}
