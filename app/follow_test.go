package app_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// pair is two instances on one store; the second follows when told to.
func pair(t *testing.T, change ...func(*app.Deps, *app.Config)) (one, two *world) {
	t.Helper()
	one = newWorld(t)
	shares := func(d *app.Deps, c *app.Config) {
		d.Workflows, d.Publishing, d.Changes, d.Library = one.store, one.store, one.store, one.store
		c.FollowInterval = 500 * time.Millisecond
	}
	return one, newWorld(t, append([]func(*app.Deps, *app.Config){shares}, change...)...)
}

func answers(text string) []byte {
	return doc(start("s", "GET", "/"+text, "output_1>r"), raw("r", fmt.Sprintf(`{"type":"response","body":%q}`, text), ""))
}

// What one instance publishes, activates and withdraws, the other serves.
func TestInstancesFollowEachOther(t *testing.T) {
	one, two := pair(t)
	follows := func(what, path, want string) {
		t.Helper()
		two.clock.tick(500 * time.Millisecond)
		eventually(t, what, func() bool {
			two.clock.tick(500 * time.Millisecond)
			return two.serve(get(path)) == want
		})
	}
	one.publish("x", answers("first"))
	one.publish("y", answers("other"))
	follows("a new workflow", "/first", "200 first")
	follows("all of them", "/other", "200 other")
	one.publish("x", answers("second"))
	follows("a new version", "/second", "200 second")
	two.expect(get("/first"), string(fault.NotFound))
	if _, err := one.Activate(t.Context(), "x", 1, 2); err != nil {
		t.Fatal(err)
	}
	follows("an older version", "/first", "200 first")
	if err := one.Withdraw(t.Context(), "x", 1); err != nil {
		t.Fatal(err)
	}
	follows("a withdrawal", "/first", string(fault.NotFound))
	two.expect(get("/other"), "200 other")
	if _, err := two.Publish(t.Context(), "x", answers("third"), 0, "two"); err != nil {
		t.Fatal(err)
	}
	one.clock.tick(500 * time.Millisecond) // the first does not look by itself
	one.expect(get("/third"), string(fault.NotFound))
	if _, err := one.Publish(t.Context(), "z", doc(start("s", "GET", "/third", "output_1>r"), raw("r", `{"type":"response"}`, "")), 0, "one"); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("a route of the other instance is taken: %v", err)
	}
	one.expect(get("/third"), "200 third")
}

// told is an Announcer that remembers, and the channel that hears.
type told struct {
	mu    sync.Mutex
	times int
	err   error
	heard chan struct{}
}

func (a *told) Announce(context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times++
	return a.err
}

func TestInstancesTellEachOther(t *testing.T) {
	a := &told{heard: make(chan struct{}, 1), err: fault.New(fault.Unavailable, "nobody listens")}
	one, two := pair(t, func(d *app.Deps, _ *app.Config) {
		d.Announcer, d.Heard = a, []func() <-chan struct{}{func() <-chan struct{} { return a.heard }}
	})
	one.publish("x", answers("first"))
	a.heard <- struct{}{}
	eventually(t, "the new workflow", func() bool { return two.serve(get("/first")) == "200 first" })
	two.publish("y", answers("other"))
	if _, err := two.Activate(t.Context(), "y", 1, 1); err != nil {
		t.Fatal(err)
	}
	if err := two.Withdraw(t.Context(), "y", 1); err != nil {
		t.Fatal(err)
	}
	if a.times != 3 {
		t.Errorf("told %d times, want 3", a.times)
	}
}

// A workflow that this instance cannot serve is shown with its problem.
func TestFollowingABrokenWorkflow(t *testing.T) {
	one, two := pair(t)
	one.publish("x", answers("first"))
	if _, err := one.store.Put(t.Context(), ports.Workflow{ID: "x", Document: []byte(`{"a":{"data":{"type":"nonsense"}}}`)}, ports.AnyVersion); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the problem", func() bool {
		two.clock.tick(500 * time.Millisecond)
		list := two.Workflows("", 9)
		return len(list) == 1 && strings.Contains(list[0].Problem, "no start node") && list[0].Version == 2
	})
}

// back is a store that was replaced by an older copy of itself.
type back struct {
	ports.WorkflowChanges

	revision atomic.Int64
}

func (b *back) ChangedSince(ctx context.Context, since int64) ([]ports.WorkflowHead, int64, error) {
	if old := b.revision.Load(); old > 0 {
		return nil, old, nil
	}
	return b.WorkflowChanges.ChangedSince(ctx, since)
}

func TestFollowingARestoredStore(t *testing.T) {
	var b *back
	w := newWorld(t, func(d *app.Deps, c *app.Config) {
		b = &back{WorkflowChanges: d.Changes}
		d.Changes, c.FollowInterval = b, time.Second
	})
	w.publish("x", answers("first"))
	w.publish("y", answers("other"))
	if err := w.store.Delete(t.Context(), "y", ports.AnyVersion); err != nil {
		t.Fatal(err)
	}
	w.publish("z", answers("third")) // looks at what was published before
	b.revision.Store(1)
	eventually(t, "all is read anew", func() bool {
		w.clock.tick(time.Second)
		return w.serve(get("/other")) == string(fault.NotFound)
	})
	w.expect(get("/first"), "200 first")
}
