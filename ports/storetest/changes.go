package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func changeTests() []test {
	return []test{
		{"every change is a revision", countRevisions},
		{"a refused change is none", refusedRevisions},
		{"a designer's row changes when ours stands for it", designerRevisions},
		{"a revision that was never reached", futureRevision},
		{"64 publishers, 4 followers: none misses one", followers},
		{"an ended context", endedChanges},
	}
}

// since checks what changed and returns the revision that leads to.
func since(t *testing.T, s Stores, revision int64, want ...ports.WorkflowHead) int64 {
	t.Helper()
	changed, now, err := s.Changes.ChangedSince(ctx(t), revision)
	must(t, err)
	same(t, fmt.Sprint("changed since ", revision), append([]ports.WorkflowHead{}, changed...), append([]ports.WorkflowHead{}, want...))
	if now < revision {
		t.Fatalf("revision %d after %d", now, revision)
	}
	return now
}

func countRevisions(t *testing.T, s Stores) {
	empty := since(t, s, 0)
	same(t, "nothing has changed", since(t, s, empty), empty)
	put(t, s, "b", "{}", 0)
	first := since(t, s, empty, ports.WorkflowHead{ID: "b", Version: 1})
	put(t, s, "a", "{}", 0)
	put(t, s, "b", "{}", 1)
	second := since(t, s, first, ports.WorkflowHead{ID: "a", Version: 1}, ports.WorkflowHead{ID: "b", Version: 2})
	must(t, s.Writer.Activate(ctx(t), "b", 1, 2))
	third := since(t, s, second, ports.WorkflowHead{ID: "b", Version: 1})
	must(t, s.Writer.Delete(ctx(t), "a", 1))
	fourth := since(t, s, third, ports.WorkflowHead{ID: "a"})
	since(t, s, 0, ports.WorkflowHead{ID: "b", Version: 1}, ports.WorkflowHead{ID: "a"})
	same(t, "nothing has changed", since(t, s, fourth), fourth)
}

func refusedRevisions(t *testing.T, s Stores) {
	put(t, s, "a", "{}", 0)
	now := since(t, s, 0, ports.WorkflowHead{ID: "a", Version: 1})
	_, err := s.Writer.Put(ctx(t), ports.Workflow{ID: "a"}, 7)
	fails(t, "put", err, fault.PreconditionFailed)
	fails(t, "activate", s.Writer.Activate(ctx(t), "a", 9, 1), fault.NotFound)
	fails(t, "delete", s.Writer.Delete(ctx(t), "nobody", 0), fault.NotFound)
	same(t, "revision", since(t, s, now), now)
}

func designerRevisions(t *testing.T, s Stores) {
	now := since(t, s, 0)
	must(t, s.Writer.Delete(ctx(t), "designed", 0))
	now = since(t, s, now, ports.WorkflowHead{ID: "designed"})
	put(t, s, "designed", "{}", 0)
	since(t, s, now, ports.WorkflowHead{ID: "designed", Version: 1})
}

// futureRevision is what a follower knows when a backup was put back.
func futureRevision(t *testing.T, s Stores) {
	put(t, s, "a", "{}", 0)
	changed, now, err := s.Changes.ChangedSince(ctx(t), 1<<40)
	must(t, err)
	same(t, "changed", changed, []ports.WorkflowHead{{ID: "a", Version: 1}})
	since(t, s, now)
}

// follow reads changes from the beginning until the end is near, and once more.
func follow(c context.Context, s Stores, ended *atomic.Bool) (map[string]int, error) {
	heads, revision := map[string]int{}, int64(0)
	for {
		last := ended.Load()
		changed, now, err := s.Changes.ChangedSince(c, revision)
		if err != nil {
			return nil, err
		}
		if now < revision || now == revision && len(changed) > 0 {
			return nil, fmt.Errorf("%d changes lead from revision %d to %d", len(changed), revision, now)
		}
		revision = now
		for _, head := range changed {
			heads[head.ID] = head.Version
		}
		if last {
			return heads, nil
		}
		time.Sleep(time.Millisecond) // for the publishers' sake
	}
}

func followers(t *testing.T, s Stores) {
	const ids, rounds = 16, 6
	c := ctx(t)
	var ended atomic.Bool
	var readers sync.WaitGroup
	found, errs := make([]map[string]int, 4), make([]error, 4)
	for i := range found {
		readers.Go(func() { found[i], errs[i] = follow(c, s, &ended) })
	}
	for _, err := range race(func(i int) error {
		for round := range rounds {
			if err := change(c, s, fmt.Sprint("w", (i+round)%ids), i*rounds+round); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Errorf("publisher: %v", err)
		}
	}
	ended.Store(true)
	readers.Wait()
	want := map[string]int{}
	for i := range ids {
		id := fmt.Sprint("w", i)
		w, err := s.Reader.Workflow(c, id, 0)
		if fault.CodeOf(err) != fault.NotFound {
			must(t, err)
		}
		want[id] = w.Version
	}
	for i := range found {
		must(t, errs[i])
		if diff := cmp.Diff(want, found[i]); diff != "" {
			t.Errorf("follower %d (-want +got):\n%s", i, diff)
		}
	}
}

// change publishes, goes back to the first version or withdraws.
func change(c context.Context, s Stores, id string, turn int) error {
	var err error
	switch turn % 4 {
	case 2:
		err = s.Writer.Activate(c, id, 1, ports.AnyVersion)
	case 3:
		err = s.Writer.Delete(c, id, ports.AnyVersion)
	default:
		_, err = s.Writer.Put(c, ports.Workflow{ID: id, Document: []byte("{}")}, ports.AnyVersion)
	}
	if fault.CodeOf(err) == fault.NotFound { // somebody else withdrew it, or nobody published it yet
		return nil
	}
	return err
}

func endedChanges(t *testing.T, s Stores) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := s.Changes.ChangedSince(ended, 0)
	fails(t, "changes", err, fault.Cancelled)
}
