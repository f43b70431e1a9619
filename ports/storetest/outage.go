package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Closed checks that every call of a store that was closed says so, and does not
// hang.
func Closed(t *testing.T, s Stores) {
	t.Helper()
	for name, call := range calls(s) {
		fails(t, name, call(ctx(t)), fault.Unavailable)
	}
	_, _, err := s.Changes.ChangedSince(ctx(t), 0)
	fails(t, "ChangedSince", err, fault.Unavailable)
	fails(t, "AppendTracker", s.Tracker.AppendTracker(ctx(t), []ports.TrackerRow{visit("a", 1, 0)}), fault.Unavailable)
	_, err = s.Tracker.PruneTracker(ctx(t), noon(), 1, 1)
	fails(t, "PruneTracker", err, fault.Unavailable)
	_, err = s.Runs.PruneRunsBefore(ctx(t), noon(), 1)
	fails(t, "PruneRunsBefore", err, fault.Unavailable)
}

// Outage checks that what a store acknowledged is there after its server was
// restarted in the middle of writers, and that they only ever hear of an
// unavailable store. restart returns when the server answers again.
func Outage(t *testing.T, s Stores, restart func(t *testing.T)) {
	t.Helper()
	o := &outage{c: ctx(t), s: s, one: make(chan struct{}, 1)}
	crews := []func(writer, turn int) error{o.publish, o.value, o.record, o.track}
	var wg sync.WaitGroup
	errs := make([]error, 4*len(crews))
	for i := range errs {
		wg.Go(func() { errs[i] = o.write(i, crews[i%len(crews)]) })
	}
	var ended atomic.Bool
	var heads map[string]int
	var followed error
	wg.Go(func() { heads, followed = o.follow(&ended) })

	o.await(len(errs) * 5)
	restart(t)
	o.await(int(o.acknowledged.Load()) + len(errs)*5)
	o.stop.Store(true)
	ended.Store(true)
	wg.Wait()
	must(t, followed)
	for _, err := range errs {
		must(t, err)
	}
	o.check(t, heads)
}

type outage struct {
	c            context.Context //nolint:containedctx // of one test
	s            Stores
	stop         atomic.Bool
	acknowledged atomic.Int64
	one          chan struct{} // there was one more; it holds one thing
	kept         sync.Map      // what was acknowledged: a check by its name
}

func (o *outage) await(acknowledged int) {
	for o.acknowledged.Load() < int64(acknowledged) {
		select {
		case <-o.one:
		case <-o.c.Done():
			return
		}
	}
}

// write goes on until it is told to stop. A refused write is not repeated: it may
// have happened.
func (o *outage) write(writer int, one func(writer, turn int) error) error {
	for turn := 0; !o.stop.Load(); turn++ {
		err := one(writer, turn)
		switch fault.CodeOf(err) {
		case "":
			o.acknowledged.Add(1)
			select {
			case o.one <- struct{}{}:
			default:
			}
		case fault.Unavailable:
		default:
			return fmt.Errorf("writer %d, turn %d: %w", writer, turn, err)
		}
	}
	return nil
}

// keep notes a check that must hold afterwards, as the write was acknowledged.
func (o *outage) keep(err error, name string, check func() error) error {
	if err == nil {
		o.kept.Store(name, check)
	}
	return err
}

func (o *outage) publish(writer, turn int) error {
	id, document := fmt.Sprint("w", writer), fmt.Sprint("turn ", turn)
	n, err := o.s.Writer.Put(o.c, ports.Workflow{ID: id, Document: []byte(document)}, ports.AnyVersion)
	return o.keep(err, fmt.Sprint("workflow ", id, n), func() error {
		w, err := o.s.Reader.Workflow(o.c, id, n)
		if err == nil && string(w.Document) != document {
			err = fmt.Errorf("its document is %q, not %q", w.Document, document)
		}
		return err
	})
}

func (o *outage) value(writer, turn int) error {
	space, key := fmt.Sprint("s", writer), fmt.Sprint("k", turn)
	err := o.s.Values.PutValue(o.c, space, key, text(key), 1<<30)
	return o.keep(err, "value "+space+key, func() error {
		_, err := o.s.Values.Value(o.c, space, key)
		return err
	})
}

func (o *outage) record(writer, turn int) error {
	id := fmt.Sprintf("r%d-%d", writer, turn)
	err := o.s.Runs.AppendRuns(o.c, []ports.RunRecord{run(id, "shop", 0)})
	return o.keep(err, "run "+id, func() error {
		_, err := o.s.Runs.Run(o.c, id)
		return err
	})
}

func (o *outage) track(writer, turn int) error {
	id := fmt.Sprintf("t%d-%d", writer, turn)
	err := o.s.Tracker.AppendTracker(o.c, []ports.TrackerRow{visit(id, turn, 0), visit(id, turn, 0)})
	return o.keep(err, "tracker row "+id, nil)
}

// follow is follow, over errors.
func (o *outage) follow(ended *atomic.Bool) (map[string]int, error) {
	for {
		heads, err := follow(o.c, o.s, ended)
		if fault.CodeOf(err) != fault.Unavailable {
			return heads, err
		}
	}
}

func (o *outage) check(t *testing.T, heads map[string]int) {
	t.Helper()
	rows := map[string]int{}
	for _, r := range o.s.TrackerRows(t) {
		rows["tracker row "+r.LogID]++
	}
	for name, n := range rows {
		same(t, name+" is there with its other one", n, 2)
	}
	o.kept.Range(func(name, check any) bool {
		if still, ok := check.(func() error); ok && still != nil {
			if err := still(); err != nil {
				t.Errorf("%s was acknowledged: %v", name, err)
			}
		} else if rows[name.(string)] == 0 {
			t.Errorf("%s was acknowledged and is gone", name)
		}
		return true
	})
	for id, version := range heads {
		w, err := o.s.Reader.Workflow(o.c, id, 0)
		must(t, err)
		if w.Version < version {
			t.Errorf("a follower saw version %d of %s, which is at %d", version, id, w.Version)
		}
	}
}
