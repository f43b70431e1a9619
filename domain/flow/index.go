package flow

import (
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// Route is a way into a workflow by URL.
type Route struct {
	Workflow string
	StartPoint
}

// String is the method and pattern, such as "POST /orders/:id".
func (r Route) String() string { return r.Method + " " + r.Path }

// Index finds the route of a request. It never changes; the cost of a look-up
// depends on the number of segments, not on the number of routes.
type Index struct{ root branch }

type branch struct {
	exact    map[string]*branch
	variable *branch
	methods  map[string]*leaf
}

type leaf struct {
	route Route
	names []string // of the variables, in path order
}

// Match is a found route with the values of its variables.
type Match struct {
	Route  Route
	Names  []string
	Values []string
}

// NewIndex builds the index of the routes. Of two routes that cannot be told
// apart the first is kept; each clash is reported as a conflict that names both
// workflows.
func NewIndex(routes []Route) (*Index, fault.List) {
	ix := &Index{}
	var clashes fault.List
	for _, r := range routes {
		if r.Path == "" {
			continue
		}
		if taken := ix.add(r); taken != nil {
			clashes.Add(fault.New(fault.Conflict, "the route %s is already served by workflow %q as %s",
				r, taken.Workflow, taken.Path).InWorkflow(r.Workflow).AtNode(Key{r.Flow, r.ID}.String()).AtField("data.path"))
		}
	}
	return ix, clashes
}

// add returns the route that already stands at the place, if any.
func (ix *Index) add(r Route) *Route {
	b := &ix.root
	l := &leaf{route: r}
	for segment := range strings.SplitSeq(trimSlash(r.Path), "/") {
		if name, isVar := variable(segment); isVar {
			l.names = append(l.names, name)
			if b.variable == nil {
				b.variable = &branch{}
			}
			b = b.variable
			continue
		}
		if b.exact == nil {
			b.exact = map[string]*branch{}
		}
		next := b.exact[segment]
		if next == nil {
			next = &branch{}
			b.exact[segment] = next
		}
		b = next
	}
	if b.methods == nil {
		b.methods = map[string]*leaf{}
	}
	if taken := b.methods[r.Method]; taken != nil {
		return &taken.route
	}
	b.methods[r.Method] = l
	return nil
}

// Lookup finds the route of a method and path. Exact segments go before
// variables, a method before ANY, and HEAD may use GET. Code not_found when no
// route has the path; method_not_allowed, with the allowed methods in Field,
// when only the method is wrong.
func (ix *Index) Lookup(method, path string) (Match, error) {
	s := search{method: method}
	if l := s.find(&ix.root, trimSlash(path)); l != nil {
		return Match{Route: l.route, Names: l.names, Values: s.values}, nil
	}
	if len(s.allowed) > 0 {
		slices.Sort(s.allowed)
		return Match{}, fault.New(fault.MethodNotAllowed, "%s is not allowed for %s", method, path).
			AtField(strings.Join(slices.Compact(s.allowed), ", "))
	}
	return Match{}, fault.New(fault.NotFound, "no workflow serves %s", path)
}

type search struct {
	method  string
	values  []string
	allowed []string
}

func (s *search) find(b *branch, rest string) *leaf {
	segment, tail, more := strings.Cut(rest, "/")
	if next := b.exact[segment]; next != nil {
		if l := s.descend(next, tail, more); l != nil {
			return l
		}
	}
	if b.variable == nil || segment == "" {
		return nil
	}
	s.values = append(s.values, segment)
	if l := s.descend(b.variable, tail, more); l != nil {
		return l
	}
	s.values = s.values[:len(s.values)-1]
	return nil
}

func (s *search) descend(b *branch, tail string, more bool) *leaf {
	if more {
		return s.find(b, tail)
	}
	if l := b.methods[s.method]; l != nil {
		return l
	}
	if s.method == "HEAD" && b.methods["GET"] != nil {
		return b.methods["GET"]
	}
	if l := b.methods[node.AnyMethod]; l != nil {
		return l
	}
	for m := range b.methods {
		s.allowed = append(s.allowed, m)
	}
	return nil
}
