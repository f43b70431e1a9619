package app

import (
	"context"
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
// an error is counted.
func Prune(ctx context.Context, d Deps, keep Retention) (done Pruned, err error) {
	now := d.Clock.Now()
	steps := []func() error{
		func() error {
			if keep.RunsKeep < 0 {
				return nil
			}
			return inBatches(&done.Runs, func() (int, error) { return d.Runs.PruneRuns(ctx, "", keep.RunsKeep, pruneBatch) })
		},
		func() error {
			if keep.RunsMaxAge <= 0 {
				return nil
			}
			before := now.Add(-keep.RunsMaxAge)
			return inBatches(&done.Runs, func() (int, error) { return d.Runs.PruneRunsBefore(ctx, before, pruneBatch) })
		},
		func() error {
			var before time.Time
			if keep.TrackerMaxAge > 0 {
				before = now.Add(-keep.TrackerMaxAge)
			}
			if before.IsZero() && keep.TrackerKeep == 0 {
				return nil
			}
			return inBatches(&done.TrackerRows, func() (int, error) {
				return d.Tracker.PruneTracker(ctx, before, keep.TrackerKeep, pruneBatch)
			})
		},
		func() error {
			n, err := d.Sessions.DropExpiredSessions(ctx, now)
			done.Sessions += n
			return err
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return done, err
		}
	}
	return done, nil
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
	if r.counted.Swap(true) {
		keep.RunsKeep = -1
	}
	r.pruneAs(ctx, keep)
}

func (r *Runtime) pruneAs(ctx context.Context, keep Retention) {
	done, err := Prune(ctx, r.Deps, keep)
	if err != nil {
		r.Log.Warn("not everything old could be deleted", "error", err)
	}
	if done == (Pruned{}) {
		return
	}
	r.Log.Debug("old rows deleted", "runs", done.Runs, "tracker_rows", done.TrackerRows, "sessions", done.Sessions)
	if r.Compactor == nil {
		return
	}
	if err := r.Compactor.Vacuum(ctx, vacuumPages); err != nil {
		r.Log.Warn("the space of what was deleted could not be given back", "error", err)
	}
}

// vacuumPages is how many pages are given back at a time, 4 KiB each by default.
const vacuumPages = 1000
