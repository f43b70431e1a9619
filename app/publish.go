package app

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const maxIDBytes = 200

// Reload reads every published workflow anew and swaps them in at once. A
// document that cannot be served is reported and left out; the others work.
func (r *Runtime) Reload(ctx context.Context) error {
	r.lockWrites()
	defer r.unlockWrites()
	active, err := r.Deps.Workflows.Active(ctx)
	if err != nil {
		return err
	}
	all := make(map[string]*published, len(active))
	for _, w := range active {
		p, err := r.build(ctx, w, true)
		if err != nil {
			r.Log.Error("workflow cannot be served", "workflow", w.ID, "version", w.Version, "error", err)
			p = &published{Workflow: w, info: ports.WorkflowInfo{ID: w.ID, Version: w.Version, Routes: []string{}, Problem: err.Error()}}
		}
		all[w.ID] = p
	}
	s := newSnapshot(all)
	for _, clash := range s.clashes {
		r.Log.Warn("route is served by another workflow", "workflow", clash.Workflow, "error", clash)
	}
	r.catalog.Store(s)
	return nil
}

func (r *Runtime) lockWrites()   { r.writes <- struct{}{} }
func (r *Runtime) unlockWrites() { <-r.writes }

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
	r.lockWrites()
	defer r.unlockWrites()
	w.Created = r.Clock.Now()
	p, err := r.build(ctx, w, inUse)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	now := r.catalog.Load()
	next := now.with(w.ID, p)
	if err := clashesOf(now, next, w.ID); err != nil {
		return ports.WorkflowInfo{}, err
	}
	w.DefaultJS = p.defaultJS
	version, err := r.Publishing.Put(ctx, w, expected)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	p.Version, p.info.Version = version, version
	r.catalog.Store(next)
	r.Log.Info("workflow published", "workflow", w.ID, "version", version, "author", w.Author)
	return p.info, nil
}

// Activate makes an older version the active one.
func (r *Runtime) Activate(ctx context.Context, id string, version, expected int) (ports.WorkflowInfo, error) {
	r.lockWrites()
	defer r.unlockWrites()
	w, err := r.Deps.Workflows.Workflow(ctx, id, version)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	p, err := r.build(ctx, w, false)
	if err != nil {
		return ports.WorkflowInfo{}, err
	}
	now := r.catalog.Load()
	next := now.with(id, p)
	if err := clashesOf(now, next, id); err != nil {
		return ports.WorkflowInfo{}, err
	}
	if err := r.Publishing.Activate(ctx, id, version, expected); err != nil {
		return ports.WorkflowInfo{}, err
	}
	r.catalog.Store(next)
	return p.info, nil
}

// Withdraw removes a workflow and its routes.
func (r *Runtime) Withdraw(ctx context.Context, id string, expected int) error {
	r.lockWrites()
	defer r.unlockWrites()
	if err := r.Publishing.Delete(ctx, id, expected); err != nil {
		return err
	}
	r.catalog.Store(r.catalog.Load().with(id, nil))
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
		lost := slices.ContainsFunc(now.clashes, func(old *fault.Fault) bool {
			return old.Workflow == c.Workflow && old.Node == c.Node
		})
		if c.Workflow == id || !lost && namesOwner(next, c, id) {
			mine.Add(c)
		}
	}
	return mine.Err()
}

// namesOwner reports whether the clash is with a route of the workflow: the
// index keeps the first by id, so the newcomer may be on either side.
func namesOwner(s *snapshot, c *fault.Fault, id string) bool {
	for _, route := range s.byID[c.Workflow].routes() {
		match, err := s.index.Lookup(route.Method, route.Path)
		if err == nil && match.Route.Workflow == id {
			return true
		}
	}
	return false
}

// Validate checks a document without publishing it.
func (r *Runtime) Validate(ctx context.Context, document []byte) ports.Report {
	var report ports.Report
	doc, err := r.decode(document)
	if err != nil {
		report.Faults = asList(err)
		return report
	}
	graph, warnings, err := flow.Compile(doc, r.Types, flow.Options{Reserved: r.cfg.Reserved})
	report.Warnings = warnings
	if err != nil {
		report.Faults = asList(err)
		return report
	}
	faults, more := r.checkNeeds(ctx, graph, doc.DefaultJS)
	report.Faults = faults
	report.Warnings = append(report.Warnings, more...)
	return report
}

func asList(err error) fault.List {
	if list, ok := err.(fault.List); ok { //nolint:errorlint // decoders return the list itself; a wrapped one is one fault
		return list
	}
	return fault.List{fault.As(err)}
}

// build compiles a stored or new version. What is already in use is served as
// far as possible; something new must be right.
func (r *Runtime) build(ctx context.Context, w ports.Workflow, inUse bool) (*published, error) {
	doc, err := r.decode(w.Document)
	if err != nil {
		return nil, inWorkflow(err, w.ID)
	}
	if w.DefaultJS != "" {
		doc.DefaultJS = w.DefaultJS
	}
	graph, warnings, err := flow.Compile(doc, r.Types, flow.Options{Lenient: inUse, Reserved: r.cfg.Reserved})
	if err != nil {
		return nil, inWorkflow(err, w.ID)
	}
	faults, more := r.checkNeeds(ctx, graph, doc.DefaultJS)
	if !inUse && len(faults) > 0 {
		return nil, inWorkflow(faults, w.ID)
	}
	warnings = append(append(warnings, more...), faults...)
	p := &published{
		Workflow:  w,
		graph:     graph,
		defaultJS: doc.DefaultJS,
		hasLog:    regexp.MustCompile(`\bfunction\s+log\s*\(|\blog\s*=`).MatchString(doc.DefaultJS),
		info:      ports.WorkflowInfo{ID: w.ID, Name: doc.Name, Version: w.Version, Nodes: graph.Len(), Routes: []string{}},
	}
	for _, route := range p.routes() {
		if route.Path != "" {
			p.info.Routes = append(p.info.Routes, route.String())
		}
	}
	for _, warning := range warnings {
		p.info.Warnings = append(p.info.Warnings, warning.Error())
	}
	if inUse && len(warnings) > 0 {
		r.Log.Log(ctx, slog.LevelDebug, "workflow has warnings", "workflow", w.ID, "warnings", fmt.Sprint(p.info.Warnings))
	}
	return p, nil
}

func inWorkflow(err error, id string) error {
	list := asList(err)
	for i, f := range list {
		list[i] = f.InWorkflow(id)
	}
	return list
}

// decode reads a document of any known format.
func (r *Runtime) decode(document []byte) (flow.Document, error) {
	if len(document) > flow.MaxBytes {
		return flow.Document{}, fault.New(fault.TooLarge, "the document has %d bytes; the most is %d", len(document), flow.MaxBytes)
	}
	v, err := payload.Parse(document)
	if err != nil {
		return flow.Document{}, err
	}
	for _, format := range r.Formats {
		if format.Matches(v) {
			return format.Decode(v)
		}
	}
	return flow.Decode(v)
}
