package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// workflowRow is a version in nf_workflow_versions.
type workflowRow struct {
	ID        string `db:"id"`
	Version   int    `db:"version"`
	Document  []byte `db:"document"`
	DefaultJS string `db:"default_js"`
	Author    string `db:"author"`
	Created   int64  `db:"created"`
}

func (r workflowRow) workflow() ports.Workflow {
	return ports.Workflow{
		ID: r.ID, Version: r.Version, Document: r.Document,
		DefaultJS: r.DefaultJS, Author: r.Author, Created: fromMicros(r.Created),
	}
}

// Active implements ports.WorkflowReader. The designer's rows are read first:
// rows of ours only ever come, so none that replaces one is missed.
func (s *Store) Active(ctx context.Context) ([]ports.Workflow, error) {
	active, err := s.apps(ctx)
	if err != nil {
		return nil, err
	}
	var ours []workflowRow
	err = s.many(ctx, "list the workflows", long, &ours, `
		SELECT w.id, w.active AS version, v.document, COALESCE(v.default_js, '') AS default_js,
		       COALESCE(v.author, '') AS author, COALESCE(v.created, 0) AS created
		FROM nf_workflows w LEFT JOIN nf_workflow_versions v ON v.workflow = w.id AND v.version = w.active`)
	if err != nil {
		return nil, err
	}
	hidden := make(map[string]bool, len(ours))
	for _, r := range ours {
		hidden[r.ID] = true
	}
	active = slices.DeleteFunc(active, func(w ports.Workflow) bool { return hidden[w.ID] })
	for _, r := range ours {
		if r.Version > 0 {
			active = append(active, r.workflow())
		}
	}
	slices.SortFunc(active, func(a, b ports.Workflow) int { return cmp.Compare(a.ID, b.ID) })
	return active, nil
}

// Workflow implements ports.WorkflowReader.
func (s *Store) Workflow(ctx context.Context, id string, version int) (ports.Workflow, error) {
	const op = "read the workflow"
	missing := fault.New(fault.NotFound, "there is no workflow %q", id)
	if version != 0 {
		missing = fault.New(fault.NotFound, "the workflow %q has no version %d", id, version)
	}
	var ours []workflowRow
	err := s.many(ctx, op, usual, &ours, `
		SELECT w.id, COALESCE(v.version, 0) AS version, v.document, COALESCE(v.default_js, '') AS default_js,
		       COALESCE(v.author, '') AS author, COALESCE(v.created, 0) AS created
		FROM nf_workflows w LEFT JOIN nf_workflow_versions v
		     ON v.workflow = w.id AND v.version = CASE WHEN $2 = 0 THEN w.active ELSE $2 END
		WHERE w.id = $1`, id, int64(version))
	if err != nil {
		return ports.Workflow{}, err
	}
	if len(ours) > 0 {
		if ours[0].Version == 0 {
			return ports.Workflow{}, missing
		}
		return ours[0].workflow(), nil
	}
	if version != 0 {
		return ports.Workflow{}, missing
	}
	w, found, err := s.app(ctx, id)
	if err == nil && !found {
		err = missing
	}
	return w, err
}

// Versions implements ports.WorkflowReader. A row of the designer that nothing
// replaces is version 0.
func (s *Store) Versions(ctx context.Context, id string) ([]ports.VersionInfo, error) {
	var ours []struct {
		Version int    `db:"version"`
		Active  bool   `db:"active"`
		Author  string `db:"author"`
		Created int64  `db:"created"`
		Bytes   int    `db:"bytes"`
	}
	err := s.many(ctx, "list the versions of the workflow", usual, &ours, `
		SELECT COALESCE(v.version, 0) AS version, COALESCE(v.version = w.active, FALSE) AS active,
		       COALESCE(v.author, '') AS author, COALESCE(v.created, 0) AS created,
		       COALESCE(length(v.document), 0) AS bytes
		FROM nf_workflows w LEFT JOIN nf_workflow_versions v ON v.workflow = w.id
		WHERE w.id = $1 ORDER BY version DESC`, id)
	if err != nil {
		return nil, err
	}
	var versions []ports.VersionInfo
	for _, r := range ours {
		if r.Version > 0 { // 0 is the mark of a deleted row of the designer
			versions = append(versions, ports.VersionInfo{
				Version: r.Version, Active: r.Active, Author: r.Author, Created: fromMicros(r.Created), Bytes: r.Bytes,
			})
		}
	}
	if len(ours) > 0 {
		return versions, nil
	}
	w, found, err := s.app(ctx, id)
	if err != nil || !found {
		return nil, err
	}
	return []ports.VersionInfo{{Active: true, Author: designer, Bytes: len(w.Document)}}, nil
}
