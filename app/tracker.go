package app

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Tracking says how visited nodes are written to the designer's table tracker.
type Tracking struct {
	Enabled       bool
	Workers       int           // writers at once
	BatchSize     int           // rows of one write
	FlushInterval time.Duration // a batch is written at this age
	Buffer        int           // rows that may wait
	Verbose       bool          // log every batch
	Payload       bool          // write what each node handed on
	MaxPayload    int           // bytes; a larger one is left out
	Hostname      string        // of this machine
}

const (
	// maxWaitingPayloads bounds the memory of payloads that wait; beyond it rows go
	// without theirs.
	maxWaitingPayloads = 64 << 20
	dropReport         = time.Minute // between two log lines about lost rows
	writePatience      = 10 * time.Second
)

// tracker writes rows off the request path: a request hands its row over or, when
// too many wait, loses it.
type tracker struct {
	cfg      Tracking
	store    ports.TrackerStore
	observer ports.Observer
	log      *slog.Logger

	queue    chan visit
	payloads atomic.Int64 // bytes that wait to be written
	dropped  atomic.Int64 // since the last report
	problem  atomic.Pointer[string]

	stop     chan struct{}
	stopOnce sync.Once
	workers  sync.WaitGroup
	writes   context.Context //nolint:containedctx // of all writes; ends with the context of close
	end      context.CancelFunc
}

// newTracker returns nil when nothing is tracked.
func newTracker(cfg Tracking, d Deps) *tracker {
	if !cfg.Enabled {
		return nil
	}
	t := &tracker{
		cfg: cfg, store: d.Tracker, observer: d.Observer, log: d.Log,
		queue: make(chan visit, cfg.Buffer), stop: make(chan struct{}),
	}
	t.writes, t.end = context.WithCancel(context.Background())
	return t
}

func (t *tracker) start(ticker ports.Ticker) {
	for range t.cfg.Workers {
		ticks, stopTicks := ticker.Tick(t.cfg.FlushInterval)
		t.workers.Go(func() {
			defer stopTicks()
			(&trackerWorker{tracker: t}).run(ticks)
		})
	}
}

// add never waits.
func (t *tracker) add(v visit) {
	size := v.size()
	if t.payloads.Add(size) > maxWaitingPayloads {
		t.payloads.Add(-size)
		v.payload, size = payload.Value{}, 0
	}
	select {
	case t.queue <- v:
	default:
		t.payloads.Add(-size)
		t.lost(1)
	}
}

func (t *tracker) lost(n int) {
	t.dropped.Add(int64(n))
	t.observer.Counted(ports.Dropped, "tracker_rows", n)
}

// report says what was lost since it last did.
func (t *tracker) report(context.Context) {
	n, problem := t.dropped.Swap(0), t.problem.Swap(nil)
	line := t.log
	if problem != nil {
		line = line.With("problem", *problem)
	}
	switch {
	case n > 0:
		line.Warn("tracker rows could not be written in time; see [tracker] channel_buffer, workers and batch_size", "dropped", n)
	case problem != nil:
		line.Warn("tracker rows had to wait for the database")
	}
}

// close writes what waits, for as long as ctx allows. Nobody may add any more.
func (t *tracker) close(ctx context.Context) {
	defer t.end()
	defer context.AfterFunc(ctx, t.end)()
	t.stopOnce.Do(func() { close(t.stop) })
	t.workers.Wait()
	t.report(ctx)
}

// trackerWorker collects rows and writes them in batches.
type trackerWorker struct {
	*tracker

	batch []ports.TrackerRow
}

func (w *trackerWorker) run(ticks <-chan time.Time) {
	for {
		queue := w.queue
		if len(w.batch) >= w.cfg.BatchSize { // its write failed; it waits for the next turn
			queue = nil
		}
		select {
		case <-w.stop:
			w.drain()
			return
		default:
		}
		select {
		case v := <-queue:
			w.take(v)
			if len(w.batch) >= w.cfg.BatchSize {
				w.write()
			}
		case <-ticks:
			w.write()
		case <-w.stop:
			w.drain()
			return
		}
	}
}

func (w *trackerWorker) take(v visit) {
	w.batch = append(w.batch, v.row(w.cfg.Hostname))
}

// drain writes everything that was accepted.
func (w *trackerWorker) drain() {
	for {
		select {
		case v := <-w.queue:
			w.take(v)
		default:
			w.write()
			w.lost(len(w.batch))
			return
		}
		if len(w.batch) >= w.cfg.BatchSize {
			if w.write(); len(w.batch) > 0 {
				w.lost(len(w.batch))
				w.batch = w.batch[:0]
			}
		}
	}
}

// write stores the batch. While the store is away the batch stays. Rows that it
// does not take are lost, and so are those of which nobody knows whether it took
// them: no row is written twice.
func (w *trackerWorker) write() {
	if len(w.batch) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(w.writes, writePatience)
	defer cancel()
	waited := payloadBytes(w.batch)
	left := w.appendRows(ctx, w.batch)
	w.payloads.Add(payloadBytes(left) - waited)
	n := copy(w.batch, left)
	clear(w.batch[n:])
	w.batch = w.batch[:n]
}

func payloadBytes(rows []ports.TrackerRow) (n int64) {
	for _, r := range rows {
		n += int64(len(r.Payload))
	}
	return n
}

// appendRows stores rows and returns those that are to be tried again. Of rows that
// the store refuses, one may be to blame, such as a visitor's odd text: they are
// tried in halves, so that it takes no other along.
func (w *trackerWorker) appendRows(ctx context.Context, rows []ports.TrackerRow) (again []ports.TrackerRow) {
	err := w.store.AppendTracker(ctx, rows)
	if err == nil {
		if w.cfg.Verbose {
			w.log.Info("tracker rows written", "rows", len(rows))
		}
		return nil
	}
	w.note(err)
	switch f := fault.As(err); {
	case f.Code == fault.Unavailable && f.RetryAfter > 0: // nothing was stored
		return rows
	case f.Code == fault.Unavailable || f.Code == fault.Cancelled || len(rows) == 1:
		w.lost(len(rows))
		return nil
	}
	half := len(rows) / 2
	first := w.appendRows(ctx, rows[:half])
	return slices.Concat(first, w.appendRows(ctx, rows[half:]))
}

// note keeps what went wrong for the next report, with what the database said of
// it, which only the log may show.
func (w *trackerWorker) note(err error) {
	text := err.Error()
	if cause := fault.As(err).Unwrap(); cause != nil {
		text += ": " + cause.Error()
	}
	w.problem.Store(&text)
}
