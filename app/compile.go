package app

import (
	"context"
	"fmt"
	"log/slog"
	"regexp"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Validate checks a document without publishing it.
func (r *Runtime) Validate(ctx context.Context, document []byte) ports.Report {
	var report ports.Report
	doc, err := r.decode(document)
	if err != nil {
		report.Faults = asList(err)
		return report
	}
	_, report.Warnings, err = r.compile(ctx, "", doc, false)
	if err != nil {
		report.Faults = asList(err)
	}
	return report
}

// compile checks a document and everything it needs. Of what is already in use,
// the faults of single nodes are warnings.
func (r *Runtime) compile(ctx context.Context, id string, doc flow.Document, inUse bool) (*flow.Graph, fault.List, error) {
	graph, warnings, err := flow.Compile(doc, r.palette(), flow.Options{Lenient: inUse, Reserved: r.cfg.Reserved})
	if err != nil {
		return nil, warnings, r.allFaults(ctx, id, doc, err)
	}
	faults, more := r.checkNeeds(ctx, id, graph, doc.DefaultJS)
	warnings = append(warnings, more...)
	if inUse {
		return graph, append(warnings, faults...), nil
	}
	return graph, warnings, faults.Err()
}

func asList(err error) fault.List {
	if list, ok := err.(fault.List); ok { //nolint:errorlint // decoders return the list itself; a wrapped one is one fault
		return list
	}
	return fault.List{fault.As(err)}
}

// allFaults adds to the faults that keep a document from compiling those of what
// its sound nodes need, so that one answer tells everything.
func (r *Runtime) allFaults(ctx context.Context, id string, doc flow.Document, err error) fault.List {
	faults := asList(err)
	graph, _, err := flow.Compile(doc, r.palette(), flow.Options{Lenient: true, Reserved: r.cfg.Reserved})
	if err != nil {
		return faults
	}
	more, _ := r.checkNeeds(ctx, id, graph, doc.DefaultJS)
	return append(faults, more...)
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
	w.DefaultJS = doc.DefaultJS
	graph, warnings, err := r.compile(ctx, w.ID, doc, inUse)
	if err != nil {
		r.countRefused(err)
		return nil, inWorkflow(err, w.ID)
	}
	p := &published{
		Workflow: w,
		graph:    graph,
		hasLog:   definesLog(doc.DefaultJS),
		info:     ports.WorkflowInfo{ID: w.ID, Name: doc.Name, Version: w.Version, Nodes: graph.Len(), Routes: []string{}},
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

// definesLog reports whether default_js has a function log().
func definesLog(code string) bool {
	return code != "" && regexp.MustCompile(`\bfunction\s+log\s*\(|\blog\s*=`).MatchString(code)
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
