package memory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// AppendRuns implements ports.RunStore.
func (s *Store) AppendRuns(ctx context.Context, records []ports.RunRecord) error {
	const op = "store the run records"
	if err := alive(ctx, op); err != nil {
		return err
	}
	for _, r := range records {
		if err := checkKey(op, "id", r.ID); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range records {
		r.Started = stored(r.Started)
		r.Nodes = slices.Clone(r.Nodes)
		s.runs[r.ID] = r
	}
	return nil
}

// Run implements ports.RunStore.
func (s *Store) Run(ctx context.Context, id string) (ports.RunRecord, error) {
	if err := alive(ctx, "read the run"); err != nil {
		return ports.RunRecord{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.runs[id]
	if !ok {
		return ports.RunRecord{}, fault.New(fault.NotFound, "there is no run %q", id)
	}
	r.Nodes = slices.Clone(r.Nodes)
	return r, nil
}

// Runs implements ports.RunStore, newest first: by start, then by id. Code
// invalid for a limit outside of 1 to 1,000. When the record the filter's Before
// names is gone, ids decide what is older, as they sort by time.
func (s *Store) Runs(ctx context.Context, f ports.RunFilter) ([]ports.RunRecord, error) {
	const op = "list the runs"
	if err := alive(ctx, op); err != nil {
		return nil, err
	}
	if f.Limit < 1 || f.Limit > 1000 {
		return nil, fault.New(fault.Invalid, "cannot %s: the limit must be 1 to 1000", op).AtField("limit")
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	cursor, known := s.runs[f.Before]
	found := make([]ports.RunRecord, 0, min(f.Limit, len(s.runs)))
	for _, r := range s.runs {
		if f.Workflow != "" && r.Workflow != f.Workflow || f.Status != "" && r.Status != f.Status {
			continue
		}
		if f.Before != "" && (known && newestFirst(r, cursor) <= 0 || !known && r.ID >= f.Before) {
			continue
		}
		r.Nodes = nil
		found = append(found, r)
	}
	slices.SortFunc(found, newestFirst)
	return found[:min(f.Limit, len(found))], nil
}

// PruneRuns implements ports.RunStore.
func (s *Store) PruneRuns(ctx context.Context, workflow string, keep, most int) (int, error) {
	if err := alive(ctx, "delete old run records"); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	byWorkflow := make(map[string][]ports.RunRecord)
	for _, r := range s.runs {
		if workflow == "" || r.Workflow == workflow {
			byWorkflow[r.Workflow] = append(byWorkflow[r.Workflow], r)
		}
	}
	deleted := 0
	for _, all := range byWorkflow {
		slices.SortFunc(all, newestFirst)
		for _, r := range all[min(max(0, keep), len(all)):] {
			if deleted == most {
				return deleted, nil
			}
			delete(s.runs, r.ID)
			deleted++
		}
	}
	return deleted, nil
}

// PruneRunsBefore implements ports.RunStore.
func (s *Store) PruneRunsBefore(ctx context.Context, before time.Time, most int) (int, error) {
	if err := alive(ctx, "delete old run records"); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []ports.RunRecord
	for _, r := range s.runs {
		if r.Started.Before(before) {
			old = append(old, r)
		}
	}
	slices.SortFunc(old, newestFirst)
	old = old[max(0, len(old)-most):]
	for _, r := range old {
		delete(s.runs, r.ID)
	}
	return len(old), nil
}

func newestFirst(a, b ports.RunRecord) int {
	return cmp.Or(b.Started.Compare(a.Started), strings.Compare(b.ID, a.ID))
}
