package plugins

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// wanted is a plugin that should be there.
type wanted struct {
	settings Settings
	revision string // of an installed plugin; changes with every installation
	disabled bool
	reloads  int
}

func (w wanted) source() string { return cmp.Or(w.settings.Path, database) }

// wanted lists the plugins that should be there, by name: those of [[plugins]],
// then those in the directory, then installed ones. The earlier wins.
func (m *Manager) wanted(ctx context.Context) (map[string]wanted, error) {
	all := map[string]wanted{}
	installed, err := m.installed(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range m.settings {
		w := wanted{settings: s, disabled: s.Disabled}
		if s.Path == "" {
			w.revision = installed[s.Name]
		}
		all[s.Name] = w
	}
	if err := m.addDirectory(all); err != nil {
		return nil, err
	}
	for name, revision := range installed {
		if _, known := all[name]; !known {
			all[name] = wanted{settings: m.withDefaults(name, ""), revision: revision}
		}
	}
	switches, err := m.deps.Switches.PluginSwitches(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range switches {
		if w, known := all[s.Name]; known {
			w.disabled, w.reloads = w.disabled || s.Disabled, s.Reloads
			all[s.Name] = w
		}
	}
	return all, nil
}

// addDirectory adds the plugins in the directory of plugins. Their names are in
// their manifests.
func (m *Manager) addDirectory(all map[string]wanted) error {
	if m.cfg.Dir == "" {
		return nil
	}
	paths, err := m.deps.Files.ListPlugins(m.cfg.Dir)
	if err != nil {
		return err
	}
	unread := map[string]string{}
	defer func() { m.unread = unread }()
	for _, file := range paths {
		name, err := m.nameOf(file)
		if err != nil {
			unread[file] = err.Error()
			if m.unread[file] != err.Error() { // it is looked at every few seconds
				m.deps.Log.Error("plugin cannot be read", "path", file, "error", err)
			}
			if name = m.servedFrom(file); name == "" {
				continue
			}
		}
		if other, known := all[name]; known {
			if other.settings.Path != file {
				m.deps.Log.Debug("plugin is configured elsewhere", "plugin", name, "path", file, "used", other.source())
			}
			continue
		}
		all[name] = wanted{settings: m.withDefaults(name, file)}
	}
	return nil
}

// servedFrom names the plugin that was loaded from a file; empty when there is
// none. It stays while somebody writes the file anew.
func (m *Manager) servedFrom(file string) string {
	for name, e := range *m.set.Load() {
		if e.settings.Path == file {
			return name
		}
	}
	return ""
}

// offered are the node types of a plugin that does not run; none when they
// cannot be told.
func (m *Manager) offered(ctx context.Context, w wanted) []plugin.Node {
	var content []byte
	if w.settings.Path != "" {
		content, _ = m.deps.Files.ReadManifest(w.settings.Path)
	} else if stored, err := m.deps.Store.InstalledPlugin(ctx, w.settings.Name, m.cfg.Platform); err == nil {
		content = stored.Manifest
	}
	manifest, err := plugin.ParseManifest(content)
	if err != nil || manifest.Name != w.settings.Name {
		return nil
	}
	return manifest.Nodes
}

func (m *Manager) nameOf(file string) (string, error) {
	content, err := m.deps.Files.ReadManifest(file)
	if err != nil {
		return "", err
	}
	manifest, err := plugin.ParseManifest(content)
	return manifest.Name, err
}

// installed maps the names of installed plugins to their newest revision that
// can run here.
func (m *Manager) installed(ctx context.Context) (map[string]string, error) {
	revisions, err := m.deps.Store.PluginRevisions(ctx, "")
	if err != nil {
		return nil, err
	}
	newest := map[string]string{}
	for _, r := range revisions { // newest first
		if r.Removed || r.Platform != plugin.AnyPlatform && r.Platform != m.cfg.Platform {
			continue
		}
		if _, known := newest[r.Name]; !known {
			newest[r.Name] = strconv.Itoa(r.Revision)
		}
	}
	return newest, nil
}

// readSettings reads [[plugins]] anew.
func (m *Manager) readSettings() error {
	if m.cfg.Settings == nil {
		return nil
	}
	settings, err := m.cfg.Settings()
	if err != nil {
		return err
	}
	m.settings = settings
	return nil
}

// rereadOne reads the settings of one plugin anew and leaves the others theirs.
func (m *Manager) rereadOne(name string) error {
	if m.cfg.Settings == nil {
		return nil
	}
	now, err := m.cfg.Settings()
	if err != nil {
		return err
	}
	settings := slices.DeleteFunc(slices.Clone(m.settings), func(s Settings) bool { return s.Name == name })
	for _, s := range now {
		if s.Name == name {
			settings = append(settings, s)
		}
	}
	m.settings = settings
	return nil
}

// names lists the members of a set in order.
func names[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }

// describeSource is a source as logs and lists show it.
func describeSource(source string) string {
	if source == database {
		return source
	}
	return path.Clean(strings.ReplaceAll(source, `\`, "/"))
}

// notWanted is the fault of a name nobody configured or installed.
func notWanted(name string) error {
	return fault.New(fault.NoPlugin, "the plugin %q is not installed: it is not in [[plugins]], not in plugin_host.dir and not in the database", name)
}
