package app

import (
	"context"
	"errors"
	"time"
)

const (
	pruneBatch    = 1000             // rows deleted at once: whoever writes beside waits for no more
	pruneInterval = 10 * time.Minute // between two looks at what is too old
)

// Retention says what is kept, and how long.
type Retention struct {
	RunsKeep      int           // run records of each workflow; below 0 = whatever their number
	RunsMaxAge    time.Duration // 0 = whatever their age
	TrackerKeep   int           // rows; 0 = all
	TrackerMaxAge time.Duration // 0 = whatever their age
}

// Pruned counts what was deleted.
type Pruned struct {
	Runs, TrackerRows, Sessions int
}

// Prune deletes what is not to be kept, in small batches. What it deleted before
// an error is counted, and an error with one kind does not spare the others.
func Prune(ctx context.Context, d Deps, keep Retention) (done Pruned, err error) {
	now := d.Clock.Now()
	var before time.Time
	if keep.TrackerMaxAge > 0 {
		before = now.Add(-keep.TrackerMaxAge)
	}
	var errs []error
	prune := func(wanted bool, total *int, batch func() (int, error)) {
		if wanted {
			errs = append(errs, inBatches(total, batch))
		}
	}
	prune(keep.RunsKeep >= 0, &done.Runs, func() (int, error) { return d.Runs.PruneRuns(ctx, "", keep.RunsKeep, pruneBatch) })
	prune(keep.RunsMaxAge > 0, &done.Runs, func() (int, error) {
		return d.Runs.PruneRunsBefore(ctx, now.Add(-keep.RunsMaxAge), pruneBatch)
	})
	prune(!before.IsZero() || keep.TrackerKeep > 0, &done.TrackerRows, func() (int, error) {
		return d.Tracker.PruneTracker(ctx, before, keep.TrackerKeep, pruneBatch)
	})
	prune(true, &done.Sessions, func() (int, error) { return d.Sessions.DropExpiredSessions(ctx, now, pruneBatch) })
	return done, errors.Join(errs...)
}

// inBatches deletes until a batch is not full.
func inBatches(total *int, one func() (int, error)) error {
	for {
		n, err := one()
		*total += n
		if err != nil || n < pruneBatch {
			return err
		}
	}
}

// prune is Prune as a chore. The number of run records is looked at once, as
// runs.keep may have been lowered; later, whoever stores them does.
func (r *Runtime) prune(ctx context.Context) {
	ctx, done := r.loops.giveWay(ctx)
	defer done()
	keep := r.cfg.Retention
	if r.counted.Load() {
		keep.RunsKeep = -1
	}
	pruned, err := Prune(ctx, r.Deps, keep)
	if err != nil {
		r.Log.Warn("not everything old could be deleted", "error", err)
	} else {
		r.counted.Store(true)
	}
	if pruned == (Pruned{}) || r.Compactor == nil {
		return
	}
	r.Log.Debug("old rows deleted", "runs", pruned.Runs, "tracker_rows", pruned.TrackerRows, "sessions", pruned.Sessions)
	if err := r.Compactor.Vacuum(ctx, vacuumPages); err != nil {
		r.Log.Warn("the space of what was deleted could not be given back", "error", err)
	}
}

// vacuumPages is how many pages are given back at a time, 4 KiB each by default.
const vacuumPages = 1000
