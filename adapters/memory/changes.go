package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// ChangedSince implements ports.WorkflowChanges. The designer's rows have no
// revision. A revision that the store has not reached is answered with everything.
func (s *Store) ChangedSince(ctx context.Context, revision int64) ([]ports.WorkflowHead, int64, error) {
	if err := alive(ctx, "see what was published"); err != nil {
		return nil, revision, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if revision > s.revision {
		revision = 0
	}
	if revision == s.revision {
		return nil, s.revision, nil
	}
	var ids []string
	for id, h := range s.workflows {
		if h.changed > revision {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(s.workflows[a].changed, s.workflows[b].changed) })
	changed := make([]ports.WorkflowHead, len(ids))
	for i, id := range ids {
		changed[i] = ports.WorkflowHead{ID: id, Version: s.workflows[id].active}
	}
	return changed, s.revision, nil
}
