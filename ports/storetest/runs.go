package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func runTests() []test {
	return []test{
		{"records are kept whole", keepRuns},
		{"a known id replaces the record", replaceRuns},
		{"all or none", allOrNone},
		{"odd texts cost no record", oddRuns},
		{"newest first", newestFirst},
		{"filters and cursors", runCursors},
		{"a cursor outlives its record", lostCursor},
		{"limits", runLimits},
		{"prune", pruneRuns},
		{"prune every workflow", pruneEveryWorkflow},
		{"prune by age", pruneBefore},
		{"nothing is shared with the caller", runAliases},
	}
}

func run(id, workflow string, after time.Duration) ports.RunRecord {
	return ports.RunRecord{ID: id, Workflow: workflow, Status: ports.RunSucceeded, Started: noon().Add(after)}
}

func full(id string) ports.RunRecord {
	return ports.RunRecord{
		ID: id, Workflow: "shop", Version: 3, Status: ports.RunFailed, Trigger: "POST /orders/:id", Started: noon(),
		Duration: 12.345678, Steps: 2, ErrorCode: "node_failed", Error: odd(), ErrorNode: "n2",
		Nodes: []ports.NodeRecord{
			{Flow: "Home", Node: "n1", Label: odd(), Type: "js", Offset: 0.5, Duration: 1.25, Output: "output_1"},
			{Node: "n2", Type: "http", Offset: 2, Duration: 10, Error: "a\x00b"},
		},
	}
}

func ids(t *testing.T, s Stores, f ports.RunFilter) []string {
	t.Helper()
	records, err := s.Runs.Runs(ctx(t), f)
	must(t, err)
	found := []string{}
	for _, r := range records {
		found = append(found, r.ID)
		if r.Nodes != nil {
			t.Errorf("run %s is listed with its nodes", r.ID)
		}
	}
	return found
}

func keepRuns(t *testing.T, s Stores) {
	bare := ports.RunRecord{ID: "bare", Started: noon()}
	must(t, s.Runs.AppendRuns(ctx(t), []ports.RunRecord{full("whole"), bare}))
	for _, want := range []ports.RunRecord{full("whole"), bare} {
		got, err := s.Runs.Run(ctx(t), want.ID)
		must(t, err)
		same(t, want.ID, got, want)
	}
	listed, err := s.Runs.Runs(ctx(t), ports.RunFilter{Workflow: "shop", Limit: 1})
	must(t, err)
	want := full("whole")
	want.Nodes = nil
	same(t, "listed", listed, []ports.RunRecord{want})
	for _, id := range []string{"", "nobody", "a\x00"} {
		_, err := s.Runs.Run(ctx(t), id)
		fails(t, id, err, fault.NotFound)
	}
	must(t, s.Runs.AppendRuns(ctx(t), nil))
}

func replaceRuns(t *testing.T, s Stores) {
	parked, done := run("a", "shop", 0), full("a")
	parked.Status = ports.RunParked
	must(t, s.Runs.AppendRuns(ctx(t), []ports.RunRecord{parked}))
	must(t, s.Runs.AppendRuns(ctx(t), []ports.RunRecord{parked, run("b", "shop", 0), done}))
	got, err := s.Runs.Run(ctx(t), "a")
	must(t, err)
	same(t, "record", got, done)
	same(t, "all", ids(t, s, ports.RunFilter{Limit: 9}), []string{"b", "a"})
}

func allOrNone(t *testing.T, s Stores) {
	for _, bad := range []string{"", "a\x00"} {
		fails(t, "bad id", s.Runs.AppendRuns(ctx(t), []ports.RunRecord{run("good", "shop", 0), run(bad, "shop", 0)}), fault.Invalid)
	}
	same(t, "all", ids(t, s, ports.RunFilter{Limit: 9}), []string{})
}

func oddRuns(t *testing.T, s Stores) {
	odd := full("odd")
	odd.Error, odd.Trigger, odd.ErrorNode = "thrown: \x00\xff", "GET /\xfe", "\x00"
	odd.Nodes[0].Error = "\xff\x00"
	must(t, s.Runs.AppendRuns(ctx(t), []ports.RunRecord{odd, full("even")}))
	same(t, "all", ids(t, s, ports.RunFilter{Workflow: "shop", Limit: 9}), []string{"odd", "even"})
	got, err := s.Runs.Run(ctx(t), "odd")
	must(t, err)
	same(t, "steps", len(got.Nodes), 2)
}

func newestFirst(t *testing.T, s Stores) {
	must(t, s.Runs.AppendRuns(ctx(t), []ports.RunRecord{
		run("c", "shop", 0), run("a", "shop", time.Second), run("B", "shop", 0), run("b", "shop", 0), run("z", "shop", -time.Second),
	}))
	same(t, "all", ids(t, s, ports.RunFilter{Limit: 9}), []string{"a", "c", "b", "B", "z"})
}

// many stores 250 records of two workflows, every tenth failed, and returns the
// ids newest first.
func many(t *testing.T, s Stores) []string {
	t.Helper()
	var records []ports.RunRecord
	for i := range 250 {
		r := run(fmt.Sprintf("r%03d", i), []string{"even", "odd"}[i%2], time.Duration(i/4)*time.Second)
		if i%10 == 0 {
			r.Status = ports.RunFailed
		}
		records = append(records, r)
	}
	must(t, s.Runs.AppendRuns(ctx(t), records))
	newest := make([]string, len(records))
	for i, r := range records {
		newest[len(records)-1-i] = r.ID
	}
	return newest
}

func runCursors(t *testing.T, s Stores) {
	newest := many(t, s)
	var found []string
	for page := []string{""}; len(page) > 0; found = append(found, page...) {
		page = ids(t, s, ports.RunFilter{Before: page[len(page)-1], Limit: 60})
	}
	same(t, "all pages", found, newest)
	same(t, "by workflow", ids(t, s, ports.RunFilter{Workflow: "odd", Before: "r006", Limit: 9}), []string{"r005", "r003", "r001"})
	same(t, "by status", ids(t, s, ports.RunFilter{Status: ports.RunFailed, Before: "r030", Limit: 9}), []string{"r020", "r010", "r000"})
	same(t, "by both", ids(t, s, ports.RunFilter{Workflow: "even", Status: ports.RunFailed, Limit: 2}), []string{"r240", "r230"})
	same(t, "by neither", ids(t, s, ports.RunFilter{Workflow: "odd", Status: ports.RunFailed, Limit: 2}), []string{})
	same(t, "unknown workflow", ids(t, s, ports.RunFilter{Workflow: "x\x00", Limit: 2}), []string{})
}

func lostCursor(t *testing.T, s Stores) {
	many(t, s)
	_, err := s.Runs.PruneRuns(ctx(t), "odd", 0, 999)
	must(t, err)
	same(t, "page", ids(t, s, ports.RunFilter{Before: "r005", Limit: 2}), []string{"r004", "r002"})
}

func runLimits(t *testing.T, s Stores) {
	many(t, s)
	for _, limit := range []int{-1, 0, 1001} {
		_, err := s.Runs.Runs(ctx(t), ports.RunFilter{Limit: limit})
		fails(t, fmt.Sprint(limit), err, fault.Invalid)
	}
	same(t, "one", len(ids(t, s, ports.RunFilter{Limit: 1})), 1)
	same(t, "most", len(ids(t, s, ports.RunFilter{Limit: 1000})), 250)
}

func pruneRuns(t *testing.T, s Stores) {
	many(t, s)
	for _, tt := range []struct {
		workflow  string
		keep      int
		even, odd int
	}{
		{"nobody", 0, 125, 125}, {"even", 200, 125, 125}, {"even", 3, 3, 125}, {"even", 3, 3, 125}, {"even", 0, 0, 125},
		{"odd", -1, 0, 0},
	} {
		_, err := s.Runs.PruneRuns(ctx(t), tt.workflow, tt.keep, 999)
		must(t, err)
		even := ids(t, s, ports.RunFilter{Workflow: "even", Limit: 1000})
		odd := ids(t, s, ports.RunFilter{Workflow: "odd", Limit: 1000})
		same(t, fmt.Sprint("left after ", tt.workflow, tt.keep), []int{len(even), len(odd)}, []int{tt.even, tt.odd})
		if tt.even == 3 {
			same(t, "the newest stay", even, []string{"r248", "r246", "r244"})
		}
	}
}

func pruneEveryWorkflow(t *testing.T, s Stores) {
	many(t, s)
	for _, want := range []int{100, 100, 40, 0} { // of 250, five of each stay
		n, err := s.Runs.PruneRuns(ctx(t), "", 5, 100)
		must(t, err)
		same(t, "deleted", n, want)
	}
	same(t, "left", ids(t, s, ports.RunFilter{Limit: 99}), ids(t, s, ports.RunFilter{Before: "z", Limit: 10}))
}

func pruneBefore(t *testing.T, s Stores) {
	many(t, s)
	oldest, err := s.Runs.Run(ctx(t), "r000")
	must(t, err)
	before, err := s.Runs.Run(ctx(t), "r120")
	must(t, err)
	n, err := s.Runs.PruneRunsBefore(ctx(t), oldest.Started, 9)
	must(t, err)
	same(t, "older than all", n, 0)
	for _, want := range []int{100, 20, 0} {
		n, err := s.Runs.PruneRunsBefore(ctx(t), before.Started, 100)
		must(t, err)
		same(t, "deleted", n, want)
	}
	_, err = s.Runs.Run(ctx(t), "r119")
	fails(t, "old", err, fault.NotFound)
	same(t, "oldest left", ids(t, s, ports.RunFilter{Before: "r122", Limit: 9}), []string{"r121", "r120"})
}

func runAliases(t *testing.T, s Stores) {
	given := full("a")
	must(t, s.Runs.AppendRuns(ctx(t), []ports.RunRecord{given}))
	given.Nodes[0].Node = "changed"
	got, err := s.Runs.Run(ctx(t), "a")
	must(t, err)
	same(t, "after changing what was put", got, full("a"))
	got.Nodes[0].Node = "changed"
	got, err = s.Runs.Run(ctx(t), "a")
	must(t, err)
	same(t, "after changing what was read", got, full("a"))
}
