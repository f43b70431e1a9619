package app

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const (
	recordInterval   = 500 * time.Millisecond // between two batches of run records
	maxWaitingRecord = 20_000                 // records that may wait for the store
)

// recorder stores run records in batches, off the request path. Of each workflow
// it only ever stores the newest that are to be kept, so a busy workflow costs
// the store no more than a quiet one.
type recorder struct {
	store    ports.RunStore
	observer ports.Observer
	log      *slog.Logger
	keep     int

	mu      sync.Mutex
	waiting map[string]*batch // by workflow
	count   int

	flushing chan struct{} // one at a time
}

func newRecorder(store ports.RunStore, o ports.Observer, log *slog.Logger, keep int) *recorder {
	return &recorder{
		store: store, observer: o, log: log, keep: keep,
		waiting: make(map[string]*batch), flushing: make(chan struct{}, 1),
	}
}

// batch is what waits of one workflow; when it holds all that are to be kept,
// the next record takes the place of the oldest.
type batch struct {
	records []ports.RunRecord
	oldest  int
}

// add never waits for the store.
func (r *recorder) add(record ports.RunRecord) {
	if r.keep == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.waiting[record.Workflow]
	switch {
	case b != nil && len(b.records) >= r.keep:
		b.records[b.oldest] = record
		b.oldest = (b.oldest + 1) % len(b.records)
		return
	case r.count >= maxWaitingRecord:
		r.observer.Counted(ports.Dropped, "run_records", 1)
		return
	}
	if b == nil {
		b = &batch{}
		r.waiting[record.Workflow] = b
	}
	b.records = append(b.records, record)
	r.count++
}

// flushInBackground is flush for nobody who waits.
func (r *recorder) flushInBackground(ctx context.Context) {
	if err := r.flush(ctx); err != nil {
		r.log.Warn("run records could not be stored", "error", err)
	}
}

// flush stores what waits. Records that could not be stored go on waiting: with an
// id that is known they replace themselves, so they may be stored twice.
func (r *recorder) flush(ctx context.Context) error {
	select {
	case r.flushing <- struct{}{}:
		defer func() { <-r.flushing }()
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Cancelled, "run records are still being stored").Retry(1)
	}
	r.mu.Lock()
	waiting, count := r.waiting, r.count
	r.waiting, r.count = make(map[string]*batch, len(waiting)), 0
	r.mu.Unlock()
	if count == 0 {
		return nil
	}
	records := make([]ports.RunRecord, 0, count)
	for _, b := range waiting {
		records = append(records, b.inOrder()...)
	}
	if err := r.store.AppendRuns(ctx, records); err != nil {
		r.putBack(waiting)
		return err
	}
	for workflow := range waiting {
		// More than a batch holds cannot have become too many.
		if _, err := r.store.PruneRuns(ctx, workflow, r.keep, pruneBatch); err != nil {
			return err
		}
	}
	return nil
}

// close stores what waits for the last time. What cannot be stored is dropped and
// counted: it tells what happened, and is no reason to fail.
func (r *recorder) close(ctx context.Context) {
	err := r.flush(ctx)
	if err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observer.Counted(ports.Dropped, "run_records", r.count)
	r.log.Warn("run records are lost, as they could not be stored before the end", "count", r.count, "error", err)
}

// inOrder are the records, oldest first.
func (b *batch) inOrder() []ports.RunRecord {
	return slices.Concat(b.records[b.oldest:], b.records[:b.oldest])
}

// putBack lets records wait again, before those that came since. What there is no
// room for is dropped and counted.
func (r *recorder) putBack(waiting map[string]*batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	dropped := 0
	for workflow, old := range waiting {
		records := old.inOrder()
		if b := r.waiting[workflow]; b != nil {
			r.count -= len(b.records)
			records = append(records, b.inOrder()...)
		}
		records = records[max(0, len(records)-r.keep):]
		room := max(0, maxWaitingRecord-r.count)
		dropped += max(0, len(records)-room)
		records = records[max(0, len(records)-room):]
		if len(records) == 0 {
			delete(r.waiting, workflow)
			continue
		}
		r.waiting[workflow] = &batch{records: records}
		r.count += len(records)
	}
	if dropped > 0 {
		r.observer.Counted(ports.Dropped, "run_records", dropped)
	}
}

// Runs lists recent runs, those still waiting for the store included.
func (r *Runtime) Runs(ctx context.Context, f ports.RunFilter) ([]ports.RunRecord, error) {
	if err := r.recorder.flush(ctx); err != nil {
		return nil, err
	}
	return r.Deps.Runs.Runs(ctx, f)
}

// Run returns what one run did.
func (r *Runtime) Run(ctx context.Context, id string) (ports.RunRecord, error) {
	if err := r.recorder.flush(ctx); err != nil {
		return ports.RunRecord{}, err
	}
	return r.Deps.Runs.Run(ctx, id)
}
