package app

import (
	"context"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const maxIDBytes = 200

// Reload reads every published workflow anew and swaps them in at once. A
// document that cannot be served is reported and left out; the others work.
func (r *Runtime) Reload(ctx context.Context) error {
	if err := r.lockWrites(ctx); err != nil {
		return err
	}
	defer r.unlockWrites()
	return r.reload(ctx)
}

func (r *Runtime) reload(ctx context.Context) error {
	// The revision first: what is published in between is read again later.
	_, revision, err := r.Changes.ChangedSince(ctx, r.revision)
	if err != nil {
		return err
	}
	active, err := r.Deps.Workflows.Active(ctx)
	if err != nil {
		return err
	}
	all := make(map[string]*published, len(active))
	for _, w := range active {
		if all[w.ID], err = r.buildOrExplain(ctx, w); err != nil {
			return err
		}
	}
	r.serveAll(all)
	r.revision = revision
	return nil
}

// lockWrites lets one publisher at a time go on; code cancelled when ctx ends
// first.
func (r *Runtime) lockWrites(ctx context.Context) error {
	select {
	case r.writes <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Cancelled, "another change was still being published").Retry(1)
	}
}

func (r *Runtime) unlockWrites() { <-r.writes }

// beginWrite is lockWrites by somebody who is about to publish, and must not
// overlook what others published.
func (r *Runtime) beginWrite(ctx context.Context) error {
	if err := r.lockWrites(ctx); err != nil {
		return err
	}
	if err := r.catchUp(ctx); err != nil {
		r.unlockWrites()
		return err
	}
	return nil
}

// Publish validates, stores and serves a new version of a workflow.
func (r *Runtime) Publish(ctx context.Context, id string, document []byte, expected int, author string) (ports.WorkflowInfo, error) {
	return r.publish(ctx, ports.Workflow{ID: id, Document: document, Author: author}, expected, false)
}

// Import publishes a workflow that is in use elsewhere, with its default_js: what
// is at fault in it is only a warning, as it would be in a designer's database.
func (r *Runtime) Import(ctx context.Context, w ports.Workflow) (ports.WorkflowInfo, error) {
	return r.publish(ctx, w, ports.AnyVersion, true)
}

func (r *Runtime) publish(ctx context.Context, w ports.Workflow, expected int, inUse bool) (ports.WorkflowInfo, error) {
	if w.ID == "" || len(w.ID) > maxIDBytes {
		return ports.WorkflowInfo{}, fault.New(fault.Invalid, "a workflow id has 1 to %d bytes", maxIDBytes)
	}
	if err := r.beginWrite(ctx); err != nil {
		return ports.WorkflowInfo{}, err
	}
	defer r.unlockWrites()
	w.Created = r.Clock.Now()
	p, next, err := r.prepare(ctx, w, inUse)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	version, err := r.Publishing.Put(ctx, p.Workflow, expected)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	p.Version, p.info.Version = version, version
	r.catalog.Store(next)
	r.announce(ctx)
	r.Log.Info("workflow published", "workflow", w.ID, "version", version, "author", w.Author)
	return p.info, nil
}

// prepare builds a version and the snapshot that would serve it.
func (r *Runtime) prepare(ctx context.Context, w ports.Workflow, inUse bool) (*published, *snapshot, error) {
	p, err := r.build(ctx, w, inUse)
	if err != nil {
		return nil, nil, err
	}
	p.engine = r.engineOf(w.ID)
	now := r.catalog.Load()
	next := now.with(w.ID, p)
	return p, next, clashesOf(now, next, w.ID)
}

// engineOf is what runs the scripts of a workflow.
func (r *Runtime) engineOf(workflow string) ports.ScriptEngine {
	if engine := r.Engines[workflow]; engine != nil {
		return engine
	}
	return r.Engine
}

// Activate makes an older version the active one.
func (r *Runtime) Activate(ctx context.Context, id string, version, expected int) (ports.WorkflowInfo, error) {
	if err := r.beginWrite(ctx); err != nil {
		return ports.WorkflowInfo{}, err
	}
	defer r.unlockWrites()
	w, err := r.Deps.Workflows.Workflow(ctx, id, version)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	p, next, err := r.prepare(ctx, w, false)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	if err := r.Publishing.Activate(ctx, id, version, expected); err != nil {
		return ports.WorkflowInfo{}, err
	}
	r.catalog.Store(next)
	r.announce(ctx)
	r.Log.Info("workflow version activated", "workflow", id, "version", version)
	return p.info, nil
}

// Withdraw removes a workflow and its routes.
func (r *Runtime) Withdraw(ctx context.Context, id string, expected int) error {
	if err := r.beginWrite(ctx); err != nil {
		return err
	}
	defer r.unlockWrites()
	if err := r.Publishing.Delete(ctx, id, expected); err != nil {
		return err
	}
	r.catalog.Store(r.catalog.Load().with(id, nil))
	r.announce(ctx)
	r.Log.Info("workflow withdrawn", "workflow", id)
	return nil
}

// Document returns a version as it was given.
func (r *Runtime) Document(ctx context.Context, id string, version int) (ports.Workflow, error) {
	return r.Deps.Workflows.Workflow(ctx, id, version)
}

// Versions lists the history of a workflow.
func (r *Runtime) Versions(ctx context.Context, id string) ([]ports.VersionInfo, error) {
	versions, err := r.Deps.Workflows.Versions(ctx, id)
	if err == nil && len(versions) == 0 {
		return nil, fault.New(fault.NotFound, "there is no workflow %q", id)
	}
	return versions, err
}

// clashesOf lists the routes that a workflow would share with another. A route
// that the other lost before, as rows of a designer may, is no news.
func clashesOf(now, next *snapshot, id string) error {
	var mine fault.List
	for _, c := range next.clashes {
		if c.Workflow == id {
			mine.Add(c)
		} else if owner, ok := ownerOf(next, c, id); ok && !now.lost(c) {
			mine.Add(fault.New(fault.Conflict, "the route %s is already served by workflow %q, node %s", owner, c.Workflow, c.Node).
				InWorkflow(id).AtNode(owner.ID))
		}
	}
	return mine.Err()
}

// lost reports whether the loser of a clash had lost before.
func (s *snapshot) lost(c *fault.Fault) bool {
	return slices.ContainsFunc(s.clashes, func(old *fault.Fault) bool {
		return old.Workflow == c.Workflow && old.Node == c.Node
	})
}

// ownerOf finds the route of a workflow that a clash is with: the index keeps the
// first by id, so the newcomer may be on either side.
func ownerOf(s *snapshot, c *fault.Fault, id string) (flow.Route, bool) {
	for _, route := range s.byID[c.Workflow].routes() {
		match, err := s.index.Lookup(route.Method, route.Path)
		if err == nil && match.Route.Workflow == id {
			return match.Route, true
		}
	}
	return flow.Route{}, false
}
