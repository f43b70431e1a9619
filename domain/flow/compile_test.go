package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func TestCompileFaults(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"fine", joined(start("s", "GET", "/a"), end), nil},
		{"no nodes", `{}`, []string{": the workflow has no start node"}},
		{"no start node", joined(end), []string{": the workflow has no start node"}},
		{"unknown type", joined(start("s", "GET", "/a"), `"end":{"data":{"type":"jss"}}`), []string{`end data.type: unknown type "jss"; known are db, dromedary`}},
		{"dangling edges", joined(`"s":{"data":{"type":"httpstart"},"outputs":{"o":{"connections":[{"node":"x"},{"node":"end"},{"node":"y"}]}}}`, end), []string{
			`s outputs.o: leads to node "x", which does not exist`, `s outputs.o: leads to node "y"`}},
		{"two nodes of one id", joined(start("s", "GET", "/a"), end, end), []string{"end : two nodes have this id"}},
		{"bad fields of several nodes", joined(start("s", "G/T", "/a"), `"end":{"data":{"type":"http","timeout":"x"}}`), []string{
			"end data.timeout: must be", "end data.url: is missing", "s data.method: "}},
		{"one route twice", joined(start("s1", "GET", "/a/:x"), start("s2", "GET", "/a/{y}/"), end), []string{"s2 data.path: the route GET /a/{y}/ is already taken by node s1"}},
		{"methods differ", joined(start("s1", "GET", "/a"), start("s2", "POST", "/a"), start("s3", "ANY", "/a"), end), nil},
		{"several starts without a path", joined(start("s1", "ANY", ""), start("s2", "ANY", ""), start("s3", "ANY", "/"), start("s4", "ANY", ""), end), nil},
		{"reserved paths", joined(start("s1", "GET", "/api/admin/x"), start("s2", "GET", "/health"), start("s3", "GET", "/healthy"), start("s4", "GET", "/api"), end), []string{
			`s1 data.path: the path "/api/admin/x" is reserved`, `s2 data.path: the path "/health" is reserved`}},
		{"no wildcards", joined(start("s", "GET", "/files/*"), end), []string{`s data.path: the path "/files/*" holds *`}},
		{"a bad path is no missing start", joined(start("s", "GET", "a"), end), []string{`s data.path: the path "a" must begin with /`}},
		{"the field is the one the author used", `{"s":{"data":{"type":"starter","urlpattern":"x","path":""}}}`, []string{`s data.urlpattern: the path "x" must begin`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, _, err := flow.Compile(decode(t, tt.in), types(), flow.Options{Reserved: []string{"/api/admin/", "/health"}})
			expect(t, err, tt.want...)
			if (g == nil) != (len(tt.want) > 0) {
				t.Errorf("graph %v", g)
			}
		})
	}
}

func TestPatterns(t *testing.T) {
	good := []string{"/", "/a", "/a/", "/a/:b", "/a/{b}/c", "/:a/:b", "/ñ/-_.~", "/a//b", "/a:b", "/%41"}
	bad := []string{"a", "*", "/a?b", "/a#b", "/a b", "/a\\b", "/a\tb", "/a\x00b", "/:", "/{}", "/:a/:a", "/{a}/:a", "/a{b}", "/{a", "/a}", "/::a", "/{a:b}", "/:{a}", "/a/{b}c"}
	for _, p := range good {
		if _, _, err := flow.Compile(decode(t, joined(start("s", "GET", p), end)), types(), flow.Options{}); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	for _, p := range bad {
		_, _, err := flow.Compile(decode(t, joined(fmt.Sprintf(`"s":{"data":{"type":"httpstart","path":%s}}`, quote(p)))), types(), flow.Options{})
		if f := fault.As(err); f == nil || f.Code != fault.Invalid || f.Field != "data.path" || f.Node != "s" {
			t.Errorf("%q: got %v", p, err)
		}
	}
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\x00", `\u0000`).Replace(s) + `"`
}

func TestWarnings(t *testing.T) {
	doc := decode(t, joined(start("s", "GET", "/a"), end,
		`"lost":{"data":{"type":"js","script":"return 1;"},"outputs":{"o":{"connections":[{"node":"deep"}]}}}`, `"deep":{"data":{"type":"response"}}`))
	g, warnings, err := flow.Compile(doc, types(), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, warnings, "deep : no start node leads here", "lost : no start node leads here")
	for id, want := range map[string]bool{"s": true, "end": true, "lost": false, "deep": false} {
		i, _ := g.Find(flow.Key{ID: id})
		if g.Node(i).Reachable != want {
			t.Errorf("%s: reachable = %v", id, g.Node(i).Reachable)
		}
	}
}

// In a drawing unfinished parts are normal: a starter that leads nowhere is
// skipped. In a flat document it answers with its payload.
func TestStartThatLeadsNowhere(t *testing.T) {
	doc := decode(t, joined(`"idle":{"data":{"type":"starter","urlpattern":"/a"},"outputs":{"output_1":{"connections":[]}}}`, start("s", "ANY", "/a"), end))
	_, _, err := flow.Compile(doc, types(), flow.Options{})
	expect(t, err, "s data.path: the route ANY /a is already taken by node idle")
	doc.Drawing = true
	g, warnings, err := flow.Compile(doc, types(), flow.Options{})
	if err != nil || len(g.Starts()) != 1 || g.Starts()[0].ID != "s" {
		t.Fatalf("got %+v, %v", g, err)
	}
	expect(t, warnings, "idle : the start node leads nowhere and is skipped")
	doc = decode(t, `{"idle":{"data":{"type":"starter","urlpattern":"/a"}}}`)
	doc.Drawing = true
	_, _, err = flow.Compile(doc, types(), flow.Options{})
	expect(t, err, ": the workflow has no start node")
}

func TestLenient(t *testing.T) {
	doc := decode(t, joined(
		start("s1", "GET", "/a"), start("s2", "GET", "/a"), start("s3", "GET", "no"), start("s4", "GET", "/b"),
		`"end":{"data":{"type":"martian"},"outputs":{"o":{"connections":[{"node":"gone"}]}}}`, `"end":{"data":{"type":"http"}}`))
	g, warnings, err := flow.Compile(doc, types(), flow.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, warnings,
		`end data.type: unknown type "martian"`, `end data.url: is missing`, "end : two nodes have this id", "end : no start node leads here", `end outputs.o: leads to node "gone"`,
		"s2 data.path: the route GET /a is already taken", `s3 data.path: the path "no" must begin`)
	if n := len(g.Starts()); n != 2 {
		t.Errorf("%d starts, want s1 and s4", n)
	}
	i, _ := g.Find(flow.Key{ID: "end"})
	if _, err := g.Node(i).Executor.Plan(node.Input{}); fault.CodeOf(err) != fault.Invalid || !strings.Contains(err.Error(), "is missing") {
		t.Errorf("a node at fault fails when it is reached, got %v", err)
	}
	if _, err := g.Node(i).Executor.Settle(node.Input{}, node.Done{}); err == nil {
		t.Error("a node at fault settles nothing")
	}
	_, _, err = flow.Compile(decode(t, joined(start("s", "GET", "no"), end)), types(), flow.Options{Lenient: true})
	expect(t, err, ": the workflow has no start node")
}

// A start node that cannot be read must not lose its auth.
func TestLenientStartFailsClosed(t *testing.T) {
	doc := decode(t, joined(`"s":{"data":{"type":"starter","urlpattern":"/a","nflow_auth":"maybe"},"outputs":{"output_1":{"connections":[{"node":"end"}]}}}`, end))
	g, _, err := flow.Compile(doc, types(), flow.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Node(g.Starts()[0].Node).Executor.Plan(node.Input{}); err == nil {
		t.Error("the start lets everybody in")
	}
}

func TestFollow(t *testing.T) {
	g := compile(t, joined(
		`"s":{"data":{"type":"fork"},"outputs":{"error":{"connections":[{"node":"e"}]},"output_2":{"connections":[{"node":"b"}]},"output_1":{"connections":[{"node":"c"},{"node":"a"}]}}}`,
		`"a":{"data":{"type":"js","script":"return 1;"},"outputs":{"only":{"connections":[{"node":"b"}]},"error":{"connections":[{"node":"e"}]}}}`,
		`"b":{"data":{"type":"js","script":"return 1;"},"outputs":{"no":{"connections":[{"node":"a"}]},"yes":{"connections":[{"node":"a"}]}}}`,
		`"c":{"data":{"type":"response"},"outputs":{"output":{"connections":[{"node":"e"}]},"x":{"connections":[{"node":"a"}]}}}`,
		`"e":{"data":{"type":"response"}}`, `"z":{"data":{"type":"httpstart"},"outputs":{"go":{"connections":[{"node":"s"}]}}}`))
	names := func(all []int) string {
		var ids []string
		for _, i := range all {
			ids = append(ids, g.Node(i).ID)
		}
		return strings.Join(ids, " ")
	}
	at := func(id string) int { i, _ := g.Find(flow.Key{ID: id}); return i }
	for _, tt := range []struct{ node, output, want string }{
		{"s", "", "c a"}, {"s", "output_2", "b"}, {"s", "error", "e"}, {"s", "nope", ""},
		{"a", "", "b"}, {"b", "", ""}, {"b", "yes", "a"}, {"c", "", "e"}, {"e", "", ""}, {"z", "", "s"},
	} {
		if got := names(g.Follow(at(tt.node), tt.output)); got != tt.want {
			t.Errorf("%s by %q: got %q, want %q", tt.node, tt.output, got, tt.want)
		}
	}
	if got := names(g.FollowAll(at("s"))); got != "c a b" {
		t.Errorf("a fork follows %q", got)
	}
	if got := string(g.Node(at("s")).Outline.Bytes()); got != `{"error":"e","output_1":"c","output_2":"b"}` {
		t.Errorf("outline %s", got)
	}
	if g.Len() != 6 || len(g.Document().Nodes) != 6 {
		t.Errorf("%d nodes", g.Len())
	}
}

func TestStartNode(t *testing.T) {
	g := compile(t, joined(start("b", "GET", "/b"), start("a", "GET", "/a"), end))
	for id, want := range map[string]string{"": "a", "a": "a", "b": "b"} {
		if i, err := g.StartNode(id); err != nil || g.Node(i).ID != want {
			t.Errorf("%q: got %v, %v", id, i, err)
		}
	}
	for _, id := range []string{"end", "x"} {
		if _, err := g.StartNode(id); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%q: got %v", id, err)
		}
	}
}

func TestSizeOfDocuments(t *testing.T) {
	doc := decode(t, joined(start("s", "GET", "/a"), end))
	for i := range flow.MaxNodes - 2 {
		doc.Nodes = append(doc.Nodes, node.Definition{ID: fmt.Sprint("n", i), Type: "httpstart", Data: value(t, fmt.Sprintf(`{"type":"httpstart","path":"/p/%d"}`, i))})
	}
	began := time.Now()
	g, _, err := flow.Compile(doc, types(), flow.Options{})
	if err != nil || len(g.Starts()) != flow.MaxNodes-1 {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("compiling the largest document took %s", took)
	}
	doc.Nodes = append(doc.Nodes, node.Definition{ID: "one too many"})
	_, _, err = flow.Compile(doc, types(), flow.Options{})
	if fault.CodeOf(err) != fault.TooLarge {
		t.Errorf("got %v", err)
	}
}

// The order of the keys in a document decides nothing.
func TestOrderOfDocumentDecidesNothing(t *testing.T) {
	nodes := []string{start("s1", "GET", "/a/:x"), start("s2", "GET", "/a/b"), start("s3", "GET", "/a/:y"), end, `"lost":{"data":{"type":"js"}}`, `"odd":{"data":{"type":"?"}}`}
	describe := func() string {
		g, warnings, err := flow.Compile(decode(t, joined(nodes...)), types(), flow.Options{Lenient: true})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(g.Starts(), warnings)
	}
	want := describe()
	for range 20 {
		nodes = append(nodes[1:], nodes[0])
		slices.Reverse(nodes[1:4])
		if got := describe(); got != want {
			t.Fatalf("got %s\nwant %s", got, want)
		}
	}
}
