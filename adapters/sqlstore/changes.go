package sqlstore

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// published is the channel on which PostgreSQL announces a new revision. It is
// part of the database: instances in different schemas of one wake each other up.
const published = "nflow_published"

// nextRevision counts a change and announces it, all in its transaction. The row
// stays locked until then, so one revision is visible before the next is made.
func (s *Store) nextRevision(ctx context.Context, q conn) (revision int64, err error) {
	statement := "UPDATE nf_revision SET revision = revision + $1 RETURNING revision, '' AS told"
	if s.dialect == postgresSQL {
		statement = "UPDATE nf_revision SET revision = revision + $1 RETURNING revision, pg_notify('" + published + "', '')::text AS told"
	}
	var next struct {
		Revision int64
		Told     string
	}
	err = q.get(ctx, &next, statement, 1) // a statement with a value is one that is kept prepared
	return next.Revision, err
}

// changedSince is one statement, so that list and revision are of the same moment.
// LIMIT 1 tells PostgreSQL, which takes a new table for a large one, that there is
// one revision: else it would compile the statement at each look.
const changedSince = `
	SELECT r.revision, w.id, w.active FROM (SELECT revision FROM nf_revision LIMIT 1) AS r
	LEFT JOIN nf_workflows w ON w.changed > CASE WHEN $1 > r.revision THEN 0 ELSE $1 END
	ORDER BY w.changed, w.id`

// ChangedSince implements ports.WorkflowChanges. The designer's own rows have no
// revision: it tells nothing of what the designer saves, only that a workflow of
// ours came to stand for a row or hides it. A revision that the store has not
// reached, as after a backup was restored, is answered with everything.
func (s *Store) ChangedSince(ctx context.Context, revision int64) ([]ports.WorkflowHead, int64, error) {
	var rows []struct {
		Revision int64
		ID       *string
		Active   *int
	}
	err := s.many(ctx, "see what was published", usual, &rows, changedSince, revision)
	if err != nil || len(rows) == 0 {
		return nil, revision, err
	}
	var changed []ports.WorkflowHead
	for _, r := range rows {
		if r.ID != nil { // else nothing changed
			changed = append(changed, ports.WorkflowHead{ID: *r.ID, Version: *r.Active})
		}
	}
	return changed, rows[0].Revision, nil
}
