package flow_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
)

// route reads "GET /a/:x"; the workflow is named like the route.
func route(text string) flow.Route {
	method, path, _ := strings.Cut(text, " ")
	return flow.Route{Workflow: text, StartPoint: flow.StartPoint{Method: method, Path: path, ID: "s"}}
}

func index(t testing.TB, routes ...string) *flow.Index {
	t.Helper()
	var all []flow.Route
	for _, r := range routes {
		all = append(all, route(r))
	}
	ix, clashes := flow.NewIndex(all)
	if len(clashes) > 0 {
		t.Fatal(clashes)
	}
	return ix
}

func TestLookup(t *testing.T) {
	tests := []struct {
		name    string
		routes  string // separated by commas
		request string
		want    string // the route, and its variables; or a code and the allowed methods
	}{
		{"root", "GET /", "GET /", "GET / []"},
		{"root as nothing", "GET /", "GET ", "GET / []"},
		{"exact", "GET /a/b", "GET /a/b", "GET /a/b []"},
		{"no prefix match", "GET /a", "GET /a/b", "not_found"},
		{"no shorter match", "GET /a/b", "GET /a", "not_found"},
		{"case counts", "GET /a", "GET /A", "not_found"},
		{"slash at the end of the request", "GET /a", "GET /a/", "GET /a []"},
		{"slash at the end of the pattern", "GET /a/", "GET /a", "GET /a/ []"},
		{"two slashes at the end", "GET /a", "GET /a//", "not_found"},
		{"empty segment", "GET /a/b", "GET /a//b", "not_found"},
		{"variable", "GET /a/:id", "GET /a/7", "GET /a/:id [id=7]"},
		{"variable in braces", "GET /a/{id}/b", "GET /a/x y/b", "GET /a/{id}/b [id=x y]"},
		{"several variables", "GET /:a/:b/:c", "GET /1/2/3", "GET /:a/:b/:c [a=1 b=2 c=3]"},
		{"a variable needs a text", "GET /a/:id", "GET /a/", "not_found"},
		{"a variable needs a text in the middle", "GET /a/:id/b", "GET /a//b", "not_found"},
		{"a variable takes one segment", "GET /a/:id", "GET /a/1/2", "not_found"},
		{"a colon in the request is a text", "GET /a/:id", "GET /a/:id", "GET /a/:id [id=:id]"},

		{"exact before variable", "GET /a/:x,GET /a/b", "GET /a/b", "GET /a/b []"},
		{"earlier segments weigh more", "GET /:x/b,GET /a/:y", "GET /a/b", "GET /a/:y [y=b]"},
		{"back to the variable when the exact one leads nowhere", "GET /a/b/c,GET /a/:x/d", "GET /a/b/d", "GET /a/:x/d [x=b]"},
		{"back over two segments", "GET /a/b/c,GET /:x/:y/d", "GET /a/b/d", "GET /:x/:y/d [x=a y=b]"},
		{"values of a given up branch are forgotten", "GET /a/:x/c,GET /:p/:q/d", "GET /a/1/d", "GET /:p/:q/d [p=a q=1]"},
		{"names belong to each route", "GET /a/:x,POST /a/:y", "POST /a/1", "POST /a/:y [y=1]"},

		{"method before ANY", "ANY /a,GET /a", "GET /a", "GET /a []"},
		{"ANY", "ANY /a,GET /a", "PATCH /a", "ANY /a []"},
		{"HEAD uses GET", "GET /a", "HEAD /a", "GET /a []"},
		{"HEAD of its own", "GET /a,HEAD /a", "HEAD /a", "HEAD /a []"},
		{"HEAD prefers GET to ANY", "ANY /a,GET /a", "HEAD /a", "GET /a []"},
		{"exact with ANY before variable with method", "ANY /a/b,GET /a/:x", "GET /a/b", "ANY /a/b []"},
		{"variable when the exact one has another method", "POST /a/b,GET /a/:x", "GET /a/b", "GET /a/:x [x=b]"},
		{"unusual method", "PURGE /a", "PURGE /a", "PURGE /a []"},

		{"405", "POST /a", "GET /a", "method_not_allowed POST"},
		{"405 with all methods, sorted", "PUT /a,DELETE /a,GET /a", "POST /a", "method_not_allowed DELETE, GET, PUT"},
		{"405 of every branch, each once", "PUT /a/b,PUT /a/:x,GET /:x/b", "POST /a/b", "method_not_allowed GET, PUT"},
		{"404 beside 405", "POST /a/b", "GET /a", "not_found"},
		{"GET does not use HEAD", "HEAD /a", "GET /a", "method_not_allowed HEAD"},
		{"nothing at all", "", "GET /", "not_found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var routes []string
			if tt.routes != "" {
				routes = strings.Split(tt.routes, ",")
			}
			if got := look(index(t, routes...), tt.request); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// look is what a look-up gives, as a text.
func look(ix *flow.Index, request string) string {
	method, path, _ := strings.Cut(request, " ")
	m, err := ix.Lookup(method, path)
	if err != nil {
		f := fault.As(err)
		return strings.TrimSpace(string(f.Code) + " " + f.Field)
	}
	var vars []string
	for i, name := range m.Names {
		vars = append(vars, name+"="+m.Values[i])
	}
	return fmt.Sprint(m.Route, " ", vars)
}

func TestClashesNameBothWorkflows(t *testing.T) {
	var routes []flow.Route
	for _, r := range []string{"GET /a/:x", "GET /a/{y}", "ANY /a/:z", "GET /a/:w/"} {
		one := route(r)
		one.Workflow = "wf" + fmt.Sprint(len(routes))
		one.Flow, one.ID = "Home", "s"
		routes = append(routes, one)
	}
	routes = append(routes, flow.Route{Workflow: "api", StartPoint: flow.StartPoint{Method: "ANY"}}, flow.Route{Workflow: "api2", StartPoint: flow.StartPoint{Method: "ANY"}})
	ix, clashes := flow.NewIndex(routes)
	if len(clashes) != 2 || look(ix, "GET /a/1") != "GET /a/:x [x=1]" {
		t.Fatalf("got %v", clashes)
	}
	for i, who := range []string{"wf1", "wf3"} {
		c := clashes[i]
		if c.Code != fault.Conflict || c.Workflow != who || c.Node != "Home/s" || c.Field != "data.path" || !strings.Contains(c.Message, `"wf0"`) {
			t.Errorf("got %+v", c)
		}
	}
}

// The order in which routes come decides nothing.
func TestOrderOfRoutesDecidesNothing(t *testing.T) {
	routes := []string{
		"GET /", "GET /a", "ANY /a", "GET /a/:x", "POST /a/:x", "GET /a/b", "ANY /a/b/c", "GET /:p/b", "ANY /:p/:q", "GET /:p/:q/c", "PUT /a/:x/c", "GET /a/b/:r", "DELETE /:p/b/c",
	}
	var requests []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"} {
		for _, p := range []string{"/", "/a", "/a/", "/b", "/a/b", "/a/z", "/z/b", "/z/z", "/a/b/c", "/a/z/c", "/z/b/c", "/z/z/c", "/a/b/z", "/a/b/c/d"} {
			requests = append(requests, m+" "+p)
		}
	}
	answers := func() string {
		ix := index(t, routes...)
		var all strings.Builder
		for _, r := range requests {
			fmt.Fprintln(&all, r, "->", look(ix, r))
		}
		return all.String()
	}
	want := answers()
	shuffle := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		shuffle.Shuffle(len(routes), func(i, j int) { routes[i], routes[j] = routes[j], routes[i] })
		if got := answers(); got != want {
			t.Fatalf("with %v:\n%s\nwant\n%s", routes, got, want)
		}
	}
}

func manyRoutes(n int) []flow.Route {
	routes := make([]flow.Route, 0, n)
	for i := range n {
		routes = append(routes, route(fmt.Sprintf("POST /shop-%d/orders/:id/items/{item}", i)))
	}
	return routes
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			ix, _ := flow.NewIndex(manyRoutes(n))
			path := fmt.Sprintf("/shop-%d/orders/123/items/x", n/2)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ix.Lookup("POST", path); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	routes := manyRoutes(10_000)
	for b.Loop() {
		flow.NewIndex(routes)
	}
}
