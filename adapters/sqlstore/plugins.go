package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// revisionColumns are all but the bytes, which may be hundreds of megabytes.
const revisionColumns = "name, revision, version, kind, platform, sha256, bytes, installed, author, removed"

// revisionRow is a row of nf_plugin_revisions.
type revisionRow struct {
	Name, Version, Kind, Platform, SHA256, Author string
	Revision, Bytes                               int
	Installed                                     int64
	Removed                                       bool
	Manifest, Signature, Artifact                 []byte
}

func (r revisionRow) revision() ports.PluginRevision {
	return ports.PluginRevision{
		Name: r.Name, Revision: r.Revision, Version: r.Version, Kind: r.Kind, Platform: r.Platform, SHA256: r.SHA256,
		Bytes: r.Bytes, Installed: fromMicros(r.Installed), Author: r.Author, Removed: r.Removed,
	}
}

// InstallPlugin implements ports.PluginStore. Digest and size are those of the
// artifact, whatever the caller says; code invalid for what is no plugin.
func (s *Store) InstallPlugin(ctx context.Context, p ports.StoredPlugin) (int, error) {
	const op = "install the plugin"
	if err := checkPluginName(op, p.Name); err != nil {
		return 0, err
	}
	if len(p.Artifact) == 0 || p.Platform == "" {
		return 0, fault.New(fault.Invalid, "cannot %s: it has no artifact or no platform", op).AtField("artifact")
	}
	if err := checkText(op, "version", p.Version, "kind", p.Kind, "platform", p.Platform, "author", p.Author); err != nil {
		return 0, err
	}
	digest := plugin.Digest(p.Artifact) // before the database is kept waiting
	var revision int
	err := s.writing(ctx, op, long, func(ctx context.Context, q conn) error {
		if err := q.get(ctx, &revision, `
			INSERT INTO nf_plugins (name, last_revision) VALUES ($1, 1)
			ON CONFLICT (name) DO UPDATE SET last_revision = nf_plugins.last_revision + 1
			RETURNING last_revision`, p.Name); err != nil {
			return err
		}
		_, err := q.exec(ctx, `
			INSERT INTO nf_plugin_revisions (`+revisionColumns+`, manifest, signature, artifact)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			p.Name, revision, p.Version, p.Kind, p.Platform, digest, len(p.Artifact), micros(p.Installed),
			p.Author, false, notNull(p.Manifest), notNull(p.Signature), p.Artifact)
		return err
	})
	if err != nil {
		return 0, err
	}
	return revision, nil
}

// notNull keeps nil from becoming NULL.
func notNull(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// InstalledPlugin implements ports.PluginStore.
func (s *Store) InstalledPlugin(ctx context.Context, name, platform string) (ports.StoredPlugin, error) {
	missing := fault.New(fault.NotFound, "no plugin %q is installed for %s", name, platform)
	if !storable(name) || !storable(platform) {
		return ports.StoredPlugin{}, missing
	}
	var r revisionRow
	err := s.reading(ctx, "read the plugin", long, func(ctx context.Context, q conn) error {
		err := q.get(ctx, &r, "SELECT "+revisionColumns+`, manifest, signature, artifact FROM nf_plugin_revisions
			WHERE name = $1 AND platform IN ($2, $3) AND NOT removed ORDER BY revision DESC LIMIT 1`,
			name, platform, plugin.AnyPlatform)
		if errors.Is(err, sql.ErrNoRows) {
			return missing
		}
		return err
	})
	if err != nil {
		return ports.StoredPlugin{}, err
	}
	p := ports.StoredPlugin{
		PluginRevision: r.revision(),
		PluginFile:     ports.PluginFile{Artifact: r.Artifact, Manifest: r.Manifest, Signature: r.Signature},
	}
	if len(p.Signature) == 0 {
		p.Signature = nil
	}
	return p, nil
}

// PluginRevisions implements ports.PluginStore.
func (s *Store) PluginRevisions(ctx context.Context, name string) ([]ports.PluginRevision, error) {
	var rows []revisionRow
	err := s.many(ctx, "list the plugins", usual, &rows, "SELECT "+revisionColumns+` FROM nf_plugin_revisions
		WHERE $1 = '' OR name = $2 ORDER BY name, revision DESC`, name, name)
	if err != nil {
		return nil, err
	}
	list := make([]ports.PluginRevision, len(rows))
	for i, r := range rows {
		list[i] = r.revision()
	}
	return list, nil
}

// RemovePlugin implements ports.PluginStore.
func (s *Store) RemovePlugin(ctx context.Context, name string) error {
	missing := fault.New(fault.NotFound, "no plugin %q is installed", name)
	if !storable(name) {
		return missing
	}
	return s.writing(ctx, "remove the plugin", usual, func(ctx context.Context, q conn) error {
		var held string // the row is locked, so that an installation under way is removed too or comes after
		err := q.get(ctx, &held, "UPDATE nf_plugins SET name = name WHERE name = $1 RETURNING name", name)
		if errors.Is(err, sql.ErrNoRows) {
			return missing
		}
		if err != nil {
			return err
		}
		n, err := q.exec(ctx, "UPDATE nf_plugin_revisions SET removed = TRUE WHERE name = $1 AND NOT removed", name)
		if err != nil || n > 0 {
			return err
		}
		return missing
	})
}
