package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// announcePatience is how long a publisher waits to tell the others; they look by
// themselves anyhow.
const announcePatience = time.Second

// follow serves what other instances published. While the store is away, what is
// served stays as it is. However much there is to read, it is read to its end.
func (r *Runtime) follow(ctx context.Context) {
	ctx, done := r.loops.giveWay(context.WithoutCancel(ctx))
	defer done()
	if err := r.lockWrites(ctx); err != nil {
		return // the runtime closes
	}
	defer r.unlockWrites()
	err := r.catchUp(ctx)
	switch {
	case err != nil && !r.behind && ctx.Err() == nil:
		r.Log.Warn("what others publish cannot be read for the time being", "error", err)
	case err == nil && r.behind:
		r.Log.Info("what others publish is read again")
	}
	r.behind = err != nil
}

// buildAtOnce is how many changed workflows are built before they are served: a
// long list is not lost when something interrupts it.
const buildAtOnce = 64

// catchUp serves the workflows that changed in the store since the last look. The
// caller holds the lock of publishers.
func (r *Runtime) catchUp(ctx context.Context) error {
	changed, now, err := r.Changes.ChangedSince(ctx, r.revision)
	if err != nil || now == r.revision {
		return err
	}
	if now < r.revision { // the database was replaced by an older one
		return r.reload(ctx)
	}
	for some := range slices.Chunk(slices.DeleteFunc(changed, r.serves), buildAtOnce) {
		if err := r.serveChanged(ctx, some); err != nil {
			return err
		}
	}
	r.revision = now
	return nil
}

// serves reports whether a version is served already, as that of a workflow that
// was published here.
func (r *Runtime) serves(head ports.WorkflowHead) bool {
	p := r.catalog.Load().byID[head.ID]
	if head.Version == 0 {
		return p == nil
	}
	return p != nil && p.Version == head.Version
}

// serveChanged builds changed workflows and swaps them in, all at once.
func (r *Runtime) serveChanged(ctx context.Context, changed []ports.WorkflowHead) error {
	next := maps.Clone(r.catalog.Load().byID)
	for _, head := range changed {
		p, err := r.fetch(ctx, head)
		if err != nil {
			return err
		}
		delete(next, head.ID)
		if p != nil {
			next[head.ID] = p
		}
	}
	r.serveAll(next)
	for _, head := range changed {
		r.Log.Info("workflow changed elsewhere", "workflow", head.ID, "version", head.Version)
	}
	return nil
}

// fetch reads and builds the active version of a workflow; nil when it was
// withdrawn.
func (r *Runtime) fetch(ctx context.Context, head ports.WorkflowHead) (*published, error) {
	if head.Version == 0 {
		return nil, nil //nolint:nilnil // nothing is to be served
	}
	w, err := r.Deps.Workflows.Workflow(ctx, head.ID, 0)
	switch {
	case fault.CodeOf(err) == fault.NotFound: // withdrawn since
		return nil, nil //nolint:nilnil // as above
	case err != nil:
		return nil, err
	}
	return r.buildOrExplain(ctx, w)
}

// buildOrExplain builds what is stored; a document that cannot be served is
// published with its problem. It fails only when trying again may help.
func (r *Runtime) buildOrExplain(ctx context.Context, w ports.Workflow) (*published, error) {
	p, err := r.build(ctx, w, true)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		r.Log.Error("workflow cannot be served", "workflow", w.ID, "version", w.Version, "error", err)
		p = &published{Workflow: w, info: ports.WorkflowInfo{ID: w.ID, Version: w.Version, Routes: []string{}, Problem: err.Error()}}
	}
	p.engine = r.engineOf(w.ID)
	return p, nil
}

// serveAll swaps everything in at once, and tells of routes that clash now.
func (r *Runtime) serveAll(all map[string]*published) {
	before, s := r.catalog.Load(), newSnapshot(all)
	for _, clash := range s.clashes {
		if before.lost(clash) {
			continue
		}
		r.Log.Warn("route is served by another workflow", "workflow", clash.Workflow, "error", clash)
	}
	r.catalog.Store(s)
}

// announce wakes the other instances.
func (r *Runtime) announce(ctx context.Context) {
	if r.Announcer == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), announcePatience)
	defer cancel()
	if err := r.Announcer.Announce(ctx); err != nil {
		r.Log.Debug("other instances could not be told, they will look by themselves", "error", err)
	}
}
