package memory

import (
	"context"
	"slices"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// mostTrackerRows are kept whatever the configuration says: they are in nobody's
// way on a disk, but memory ends.
const mostTrackerRows = 10_000

// AppendTracker implements ports.TrackerStore. It keeps the newest 10,000 rows.
func (s *Store) AppendTracker(ctx context.Context, rows []ports.TrackerRow) error {
	if err := alive(ctx, "store tracker rows"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range rows {
		r.Created = stored(r.Created)
		s.tracker = append(s.tracker, r)
	}
	s.tracker = slices.Delete(s.tracker, 0, max(0, len(s.tracker)-mostTrackerRows))
	return nil
}

// PruneTracker implements ports.TrackerStore. A row without a time has no age.
func (s *Store) PruneTracker(ctx context.Context, before time.Time, keep, most int) (int, error) {
	if err := alive(ctx, "delete old tracker rows"); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	beyond := 0
	if keep > 0 {
		beyond = max(0, len(s.tracker)-keep)
	}
	deleted, place := 0, 0
	s.tracker = slices.DeleteFunc(s.tracker, func(r ports.TrackerRow) bool {
		place++
		old := place <= beyond || !r.Created.IsZero() && r.Created.Before(before)
		if old = old && deleted < most; old {
			deleted++
		}
		return old
	})
	return deleted, nil
}

// Tracker returns the rows that are kept, oldest first. Nothing else reads them.
func (s *Store) Tracker() []ports.TrackerRow {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.tracker)
}
