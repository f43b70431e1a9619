package demo_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/demo"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// compile turns a document into a graph; it must have no faults and no warnings.
func compile(t *testing.T, d demo.Document) *flow.Graph {
	t.Helper()
	value, err := payload.Parse(d.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := flow.Decode(value)
	if err != nil {
		t.Fatal(err)
	}
	if doc.ID != "" && doc.ID != d.ID {
		t.Errorf("the document calls itself %q", doc.ID)
	}
	graph, warnings, err := flow.Compile(doc, node.NewRegistry(node.Builtins()...), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range warnings {
		t.Errorf("warning: %v", w)
	}
	return graph
}

func TestDocumentsCompileWithoutWarnings(t *testing.T) {
	for _, d := range demo.Workflows() {
		t.Run(d.ID, func(t *testing.T) { compile(t, d) })
	}
}

func TestEverythingTheDocumentsNeedIsThere(t *testing.T) {
	stored := map[node.NeedKind]map[string]bool{node.NeedModule: {}, node.NeedTemplate: {}}
	for _, m := range demo.Modules() {
		stored[node.NeedModule][m.Name] = true
	}
	for _, x := range demo.Templates() {
		stored[node.NeedTemplate][x.Name] = true
	}
	for _, d := range demo.Workflows() {
		graph := compile(t, d)
		for i := range graph.Len() {
			for _, need := range graph.Node(i).Needs {
				if names, known := stored[need.Kind]; known && !names[need.Name] {
					t.Errorf("%s: node %s needs %q", d.ID, graph.Node(i).ID, need.Name)
				}
			}
		}
	}
}

func TestFormsGoOnAtNodesThatExist(t *testing.T) {
	for _, d := range demo.Workflows() {
		graph := compile(t, d)
		for i := range graph.Len() {
			script, _ := graph.Node(i).Data.Field("script")
			_, rest, found := strings.Cut(script.String(), `next: "`)
			if !found {
				continue
			}
			id, _, _ := strings.Cut(rest, `"`)
			if _, ok := graph.Find(flow.Key{ID: id}); !ok {
				t.Errorf("%s: the form of %s goes on at %q, which is no node", d.ID, graph.Node(i).ID, id)
			}
		}
	}
}

func TestBannerTriesEveryRoute(t *testing.T) {
	banner := demo.Banner("http://127.0.0.1:8080/", "the-token")
	var routes []flow.Route
	for _, d := range demo.Workflows() {
		for _, s := range compile(t, d).Starts() {
			routes = append(routes, flow.Route{Workflow: d.ID, StartPoint: s})
		}
	}
	if _, clashes := flow.NewIndex(routes); len(clashes) > 0 {
		t.Errorf("two workflows want one route: %v", clashes)
	}
	for _, r := range routes {
		if path, _, _ := strings.Cut(r.Path, ":"); !strings.Contains(banner, "http://127.0.0.1:8080"+path) {
			t.Errorf("the banner does not try %s:\n%s", r, banner)
		}
	}
	if !strings.Contains(banner, "Bearer the-token") || strings.Contains(demo.Banner("http://x", ""), "Bearer") {
		t.Error("the banner has the API command exactly when there is a token")
	}
}
