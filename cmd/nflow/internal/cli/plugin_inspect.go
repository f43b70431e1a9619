package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/preflight"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/kit"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func newPluginInspect(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "inspect ARTIFACT",
		Short: "Show what a plugin is and wants, without running it",
		Long: `Print what is known of a plugin without running it: what it offers, what it asks
for, its digest, who signed it, and the [[plugins]] that loads it with all it asks
for. Read the grants before you paste them.`,
		Example: "  nflow plugin inspect hello.wasm",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return s.inspectPlugin(args[0]) },
	}
}

func (s *session) inspectPlugin(path string) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	path, err = files.Artifact(path)
	if err != nil {
		return err
	}
	file, err := files.Files{}.ReadPlugin(path)
	if err != nil {
		return err
	}
	m, err := plugin.ParseManifest(file.Manifest)
	if err != nil {
		return err
	}
	say(s.Stdout, "%s %s\n", m.Name, m.Version)
	if m.Description != "" {
		say(s.Stdout, "%s\n", oneLine(m.Description))
	}
	say(s.Stdout, "\n")
	w := tabwriter.NewWriter(s.Stdout, 0, 4, 2, ' ', 0)
	describeArtifact(w, file, m, cfg)
	describeOffers(w, m)
	describeWants(w, "needs", m.Capabilities)
	describeWants(w, "can use", m.Optional)
	describeModule(w, file.Artifact)
	if err := w.Flush(); err != nil {
		return err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	say(s.Stdout, "\n%s", entryFor(m, absolute, file.Artifact))
	return nil
}

// oneLine keeps what strangers wrote from drawing on the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, text)
}

func describeArtifact(w io.Writer, file ports.PluginFile, m plugin.Manifest, cfg config.Config) {
	platform := platformName(file.Artifact)
	kind := "program for " + platform
	if files.IsModule(file.Artifact) {
		kind = "WebAssembly module"
	}
	say(w, "kind\t%s, %d bytes\n", kind, len(file.Artifact))
	say(w, "SHA-256\t%s\n", plugin.Digest(file.Artifact))
	say(w, "signature\t%s\n", signatureState(file, m, cfg, platform))
}

// platformName is where an artifact runs; here, when it does not say.
func platformName(artifact []byte) string {
	if platform := files.Platform(artifact); platform != "" {
		return platform
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}

func signatureState(file ports.PluginFile, m plugin.Manifest, cfg config.Config, platform string) string {
	keys := cfg.PluginHost.Keys()
	switch {
	case len(file.Signature) == 0:
		return "none"
	case len(keys) == 0:
		return "there is one, but plugin_host.trusted_keys is empty, so nobody knows whose"
	}
	if _, err := (plugin.Trust{Keys: keys, Dev: true}).Verify(m, file.Manifest, file.Artifact, file.Signature, platform); err != nil {
		return "refused: " + err.Error()
	}
	return "good, by a key of plugin_host.trusted_keys"
}

func describeOffers(w io.Writer, m plugin.Manifest) {
	for _, n := range m.Nodes {
		say(w, "node\t%s.%s\t%s\n", m.Name, n.Type, oneLine(n.Description))
	}
	for _, f := range m.Functions {
		say(w, "function\tplugins.%s.%s()\t%s\n", m.Name, f.Name, oneLine(f.Description))
	}
	for _, a := range m.Actions {
		say(w, "action\tPOST /api/plugin/%s/%s\t%s\n", m.Name, a.Name, oneLine(a.Description))
	}
}

func describeWants(w io.Writer, how string, c plugin.Capabilities) {
	for _, list := range wanted(c) {
		if len(list.names) > 0 {
			say(w, "%s\t%s\t%s\n", how, list.kind, strings.Join(list.names, ", "))
		}
	}
}

type wants struct {
	kind  plugin.Kind
	names []string
}

func wanted(c plugin.Capabilities) []wants {
	return []wants{{plugin.HTTP, c.HTTP}, {plugin.KV, c.KV}, {plugin.Env, c.Env}, {plugin.Secret, c.Secret}, {plugin.FS, c.FS}}
}

// describeModule tells what a module imports and exports, and whether a server
// would take it.
func describeModule(w io.Writer, artifact []byte) {
	if !files.IsModule(artifact) {
		return
	}
	if names, err := kit.ModuleNames(artifact); err == nil {
		say(w, "exports\t%s\n", oneLine(strings.Join(names.Exports, " ")))
		say(w, "imports\t%s\n", oneLine(strings.Join(shortened(names.Imports), " ")))
	}
	if _, err := preflight.Check(artifact, preflight.Defaults(memoryBytes(config.DefaultPlugin().MemoryMB, artifact))); err != nil {
		say(w, "problem\t%s\n", oneLine(err.Error()))
	}
}

// shortened leaves the long name of WASI out.
func shortened(imports []string) []string {
	list := make([]string, len(imports))
	for i, name := range imports {
		list[i] = strings.Replace(name, preflight.WASI+".", "wasi.", 1)
	}
	return slices.Compact(list)
}

// entryFor is the [[plugins]] of a plugin, with all it asks for.
func entryFor(m plugin.Manifest, path string, artifact []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[[plugins]]\nname = %q\npath = %q\n%s\n", m.Name, path, pinLine(map[string]string{platformName(artifact): plugin.Digest(artifact)}))
	optional := wanted(m.Optional)
	heading := "\n[plugins.grants]\n"
	for i, list := range wanted(m.Capabilities) {
		if len(list.names)+len(optional[i].names) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s%s = [%s]", heading, list.kind, grants(list))
		heading = ""
		if more := optional[i]; len(more.names) > 0 {
			fmt.Fprintf(&b, " # it can do without, but would use: %s", grants(more))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func grants(list wants) string {
	quoted := make([]string, len(list.names))
	for i, name := range list.names {
		if list.kind == plugin.FS {
			name += "=/directory/of/this/host"
		}
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}
