package sqlstore

import (
	"context"
	"time"
)

const pruneRuns = "delete old run records"

// PruneRuns implements ports.RunStore.
func (s *Store) PruneRuns(ctx context.Context, workflow string, keep, most int) (int, error) {
	if !storable(workflow) || most <= 0 {
		return 0, nil
	}
	keep = max(0, keep)
	if workflow != "" {
		return s.pruneRunsOf(ctx, usual, workflow, keep, most)
	}
	crowded, err := s.crowdedWorkflows(ctx, keep, most)
	deleted := 0
	for _, one := range crowded {
		if err != nil || deleted >= most {
			break
		}
		var n int
		n, err = s.pruneRunsOf(ctx, long, one, keep, most-deleted)
		deleted += n
	}
	return deleted, err
}

// crowdedWorkflows lists workflows that have more records than are kept. The index
// is enough for it and, on SQLite, no writer waits.
func (s *Store) crowdedWorkflows(ctx context.Context, keep, most int) (names []string, err error) {
	err = s.many(ctx, pruneRuns, long, &names, crowdedStatement, int64(keep), int64(most))
	return names, err
}

const crowdedStatement = "SELECT workflow FROM nf_runs GROUP BY workflow HAVING count(*) > $1 ORDER BY workflow LIMIT $2"

func (s *Store) pruneRunsOf(ctx context.Context, l limit, workflow string, keep, most int) (deleted int, err error) {
	err = s.writing(ctx, pruneRuns, l, func(ctx context.Context, q conn) (err error) {
		deleted, err = q.exec(ctx, `
			DELETE FROM nf_runs WHERE id IN (
				SELECT id FROM nf_runs WHERE workflow = $1 ORDER BY started DESC, id DESC LIMIT $2 OFFSET $3)`,
			workflow, int64(most), int64(keep))
		return err
	})
	if err != nil {
		return 0, err
	}
	return deleted, nil
}

// PruneRunsBefore implements ports.RunStore.
func (s *Store) PruneRunsBefore(ctx context.Context, before time.Time, most int) (int, error) {
	return s.exec(ctx, pruneRuns, `
		DELETE FROM nf_runs WHERE id IN (
			SELECT id FROM nf_runs WHERE started < $1 ORDER BY started, id LIMIT $2)`,
		micros(before), int64(most))
}
