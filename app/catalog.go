package app

import (
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// published is a workflow as it is served. It never changes.
type published struct {
	ports.Workflow

	graph  *flow.Graph // nil when the document cannot be served
	engine ports.ScriptEngine
	hasLog bool // default_js defines log()
	info   ports.WorkflowInfo
}

func (p *published) routes() []flow.Route {
	if p.graph == nil {
		return nil
	}
	routes := make([]flow.Route, 0, len(p.graph.Starts()))
	for _, s := range p.graph.Starts() {
		routes = append(routes, flow.Route{Workflow: p.ID, StartPoint: s})
	}
	return routes
}

// snapshot is everything that is served at one moment. Requests read one
// snapshot from beginning to end, so nobody ever sees half of a change.
type snapshot struct {
	byID    map[string]*published
	ids     []string // sorted
	index   *flow.Index
	clashes fault.List
}

func newSnapshot(all map[string]*published) *snapshot {
	s := &snapshot{byID: all, ids: make([]string, 0, len(all))}
	for id := range all {
		s.ids = append(s.ids, id)
	}
	slices.Sort(s.ids)
	var routes []flow.Route
	for _, id := range s.ids {
		routes = append(routes, all[id].routes()...)
	}
	s.index, s.clashes = flow.NewIndex(routes)
	return s
}

// with returns a snapshot in which one workflow is replaced, or removed when p
// is nil.
func (s *snapshot) with(id string, p *published) *snapshot {
	all := make(map[string]*published, len(s.byID)+1)
	for other, q := range s.byID {
		all[other] = q
	}
	delete(all, id)
	if p != nil {
		all[id] = p
	}
	return newSnapshot(all)
}

// Workflows lists what is published.
func (r *Runtime) Workflows(after string, limit int) []ports.WorkflowInfo {
	s := r.catalog.Load()
	from, found := slices.BinarySearchFunc(s.ids, after, strings.Compare)
	if found && after != "" {
		from++
	}
	var infos []ports.WorkflowInfo
	for _, id := range s.ids[from:min(from+limit, len(s.ids))] {
		infos = append(infos, s.byID[id].info)
	}
	return infos
}
