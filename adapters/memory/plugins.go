package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// InstallPlugin implements ports.PluginStore. Digest and size are those of the
// artifact, whatever the caller says; code invalid for what is no plugin.
func (s *Store) InstallPlugin(ctx context.Context, p ports.StoredPlugin) (int, error) {
	const op = "install the plugin"
	if err := alive(ctx, op); err != nil {
		return 0, err
	}
	if err := checkPluginName(op, p.Name); err != nil {
		return 0, err
	}
	if len(p.Artifact) == 0 || p.Platform == "" {
		return 0, fault.New(fault.Invalid, "cannot %s: it has no artifact or no platform", op).AtField("artifact")
	}
	if err := checkText(op, "version", p.Version, "kind", p.Kind, "platform", p.Platform, "author", p.Author); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Revision = len(s.plugins[p.Name]) + 1
	p.SHA256, p.Bytes = plugin.Digest(p.Artifact), len(p.Artifact)
	p.Installed, p.Removed = stored(p.Installed), false
	p.PluginFile = copyOf(p.PluginFile)
	s.plugins[p.Name] = append(s.plugins[p.Name], p)
	return p.Revision, nil
}

// copyOf shares nothing with a file; no signature is nil.
func copyOf(f ports.PluginFile) ports.PluginFile {
	f.Artifact = append([]byte{}, f.Artifact...)
	f.Manifest = append([]byte{}, f.Manifest...)
	f.Signature = bytes.Clone(f.Signature)
	if len(f.Signature) == 0 {
		f.Signature = nil
	}
	return f
}

// InstalledPlugin implements ports.PluginStore.
func (s *Store) InstalledPlugin(ctx context.Context, name, platform string) (ports.StoredPlugin, error) {
	if err := alive(ctx, "read the plugin"); err != nil {
		return ports.StoredPlugin{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, p := range slices.Backward(s.plugins[name]) {
		if !p.Removed && (p.Platform == platform || p.Platform == plugin.AnyPlatform) {
			p.PluginFile = copyOf(p.PluginFile)
			return p, nil
		}
	}
	return ports.StoredPlugin{}, fault.New(fault.NotFound, "no plugin %q is installed for %s", name, platform)
}

// PluginRevisions implements ports.PluginStore.
func (s *Store) PluginRevisions(ctx context.Context, name string) ([]ports.PluginRevision, error) {
	if err := alive(ctx, "list the plugins"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := []ports.PluginRevision{}
	for _, one := range slices.Sorted(maps.Keys(s.plugins)) {
		if name != "" && name != one {
			continue
		}
		for _, p := range slices.Backward(s.plugins[one]) {
			list = append(list, p.PluginRevision)
		}
	}
	return list, nil
}

// RemovePlugin implements ports.PluginStore.
func (s *Store) RemovePlugin(ctx context.Context, name string) error {
	if err := alive(ctx, "remove the plugin"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	missing := true
	for i := range s.plugins[name] {
		p := &s.plugins[name][i]
		missing = missing && p.Removed
		p.Removed = true
	}
	if missing {
		return fault.New(fault.NotFound, "no plugin %q is installed", name)
	}
	return nil
}
