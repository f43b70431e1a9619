package flow_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// FuzzDecode proves that no document makes reading or compiling panic, and that
// whatever compiles leads to nodes that exist.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(joined(start("s", "GET", "/a/:x"), end)))
	f.Add([]byte(`{"id":"x","nodes":{"a":{"data":{"type":"fork"},"outputs":{"o_1":{"connections":[{"node":"a"}]},"error":{"connections":[{"node":"a"}]}}}}}`))
	f.Add([]byte(`{"nodes":{"data":{"type":"starter","urlpattern":"/","nflow_auth":true}}}`))
	f.Add([]byte(`{"a":{"data":{"type":"db","database":"d","query":["SELECT ?"]},"outputs":[]},"a":1,"":{}}`))
	f.Add([]byte(`{"a":{"data":{"type":"http","url":"{{payload.x ?? {}}}","headers":{"a":["{{vars.b}}"]}},"outputs":{"o":{"connections":[1,null,{"node":[]}]}}}}`))
	types := types()
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := payload.Parse(b)
		if err != nil {
			return
		}
		doc, err := flow.Decode(v)
		if list := (fault.List{}); err != nil && !errors.As(err, &list) {
			t.Fatalf("faults come as a list, got %v", err)
		}
		if !slices.IsSortedFunc(doc.Nodes, func(a, b node.Definition) int { return strings.Compare(a.ID, b.ID) }) {
			t.Fatal("the nodes are in no order")
		}
		for _, lenient := range []bool{false, true} {
			g, _, err := flow.Compile(doc, types, flow.Options{Lenient: lenient})
			if (g == nil) != (err != nil) {
				t.Fatalf("graph %v, error %v", g, err)
			}
			if g != nil {
				checkGraph(t, g)
			}
		}
	})
}

func checkGraph(t *testing.T, g *flow.Graph) {
	t.Helper()
	inside := func(all []int) {
		for _, i := range all {
			if i < 0 || i >= g.Len() {
				t.Fatalf("an edge leads to %d of %d", i, g.Len())
			}
		}
	}
	if len(g.Starts()) == 0 {
		t.Fatal("a graph without start")
	}
	for _, s := range g.Starts() {
		if n := g.Node(s.Node); n.ID != s.ID || n.Start == nil {
			t.Fatalf("start %+v is node %q", s, n.ID)
		}
	}
	for i := range g.Len() {
		n := g.Node(i)
		inside(g.Follow(i, ""))
		inside(g.FollowAll(i))
		total := 0
		for _, o := range n.Outputs {
			inside(g.Follow(i, o.Name))
			if o.Name != flow.ErrorOutput {
				total += len(g.Follow(i, o.Name))
			}
		}
		if total < len(g.FollowAll(i)) {
			t.Fatalf("node %q follows %d of %d edges", n.ID, len(g.FollowAll(i)), total)
		}
		if n.Executor == nil || n.Outline.Kind() != payload.Object {
			t.Fatalf("node %q: executor %v, outline %s", n.ID, n.Executor, n.Outline.Bytes())
		}
	}
}

// FuzzLookup compares the index with a matcher that looks at every route.
func FuzzLookup(f *testing.F) {
	f.Add("GET /a/:x\nGET /a/b\nANY /:y/b", "GET", "/a/b")
	f.Add("GET /\nPOST /:a\nPUT /:b/:c", "HEAD", "/")
	f.Add("POST /a/b/c\nGET /a/:x/c\nGET /:p/b/:r\nANY /:p/:q/:r", "GET", "/a/b/c")
	f.Add("GET /a/:x/c\nGET /:p/:q/d", "GET", "/a/1/d")
	f.Add("GET /a//b\nGET /{x}/b", "GET", "//b/")
	f.Add("ANY /a/:x/\nGET /a/{y}", "HEAD", "a/:x")
	palette := types()
	f.Fuzz(func(t *testing.T, text, method, path string) {
		var routes []flow.Route
		for line := range strings.SplitSeq(text, "\n") {
			m, p, _ := strings.Cut(line, " ")
			doc := flow.Document{Nodes: []node.Definition{{ID: "s", Type: "httpstart", Data: payload.Merge(
				payload.Member("method", payload.Text(m)), payload.Member("path", payload.Text(p)))}}}
			g, _, err := flow.Compile(doc, palette, flow.Options{}) // only what can be published
			if err != nil || g.Starts()[0].Path == "" || len(routes) == 12 {
				continue
			}
			routes = append(routes, flow.Route{Workflow: fmt.Sprint(len(routes)), StartPoint: g.Starts()[0]})
		}
		ix, _ := flow.NewIndex(routes)
		m, err := ix.Lookup(method, path)
		got := string(fault.CodeOf(err))
		if err == nil {
			got = fmt.Sprintln(m.Route.Workflow, m.Names, m.Values)
		} else if f := fault.As(err); f.Code == fault.MethodNotAllowed {
			got += f.Field
		}
		if want := slowLookup(routes, method, path); got != want {
			t.Errorf("%q, %s %q: got %q, want %q", text, method, path, got, want)
		}
	})
}

// slowLookup applies the rules one by one: of the routes whose segments fit, the
// one whose exact segments come first wins, then the method, GET for HEAD, ANY;
// of two that cannot be told apart, the first.
func slowLookup(routes []flow.Route, method, path string) string {
	segments := strings.Split(strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/"), "/")
	type candidate struct {
		rank          string // "0" for an exact segment, "1" for a variable
		workflow      int
		names, values []string
	}
	rankOf := map[string]string{method: "0", "GET": "1", "ANY": "2"}
	if method != "HEAD" {
		delete(rankOf, "GET")
	}
	rankOf[method] = "0"
	var fitting []candidate
	var allowed []string
	for i, r := range routes {
		c := candidate{workflow: i}
		pattern := strings.Split(strings.TrimSuffix(strings.TrimPrefix(r.Path, "/"), "/"), "/")
		fits := len(pattern) == len(segments)
		for j := 0; fits && j < len(pattern); j++ {
			p := pattern[j]
			isVar := strings.HasPrefix(p, ":") || strings.HasPrefix(p, "{")
			switch {
			case isVar && segments[j] != "":
				c.rank += "1"
				c.names = append(c.names, strings.Trim(p, ":{}"))
				c.values = append(c.values, segments[j])
			case !isVar && p == segments[j]:
				c.rank += "0"
			default:
				fits = false
			}
		}
		if !fits {
			continue
		}
		allowed = append(allowed, r.Method)
		if m, ok := rankOf[r.Method]; ok {
			c.rank += m
			fitting = append(fitting, c)
		}
	}
	if len(fitting) > 0 {
		slices.SortStableFunc(fitting, func(a, b candidate) int { return strings.Compare(a.rank, b.rank) })
		best := fitting[0]
		return fmt.Sprintln(best.workflow, best.names, best.values)
	}
	if len(allowed) > 0 {
		slices.Sort(allowed)
		return string(fault.MethodNotAllowed) + strings.Join(slices.Compact(allowed), ", ")
	}
	return string(fault.NotFound)
}
