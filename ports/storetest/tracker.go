package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func trackerTests() []test {
	return []test{
		{"rows are kept whole", keepRows},
		{"odd texts cost no row", oddRows},
		{"64 writers lose none", rowRace},
		{"prune by count", pruneRowsByCount},
		{"prune by age", pruneRowsByAge},
		{"prune by both", pruneRowsByBoth},
		{"prune while others write", pruneRace},
		{"an ended context", endedTracker},
	}
}

func visit(log string, order int, after time.Duration) ports.TrackerRow {
	return ports.TrackerRow{LogID: log, BoxID: "n", Order: order, Created: noon().Add(after).Truncate(time.Second)}
}

func track(t *testing.T, s Stores, rows ...ports.TrackerRow) {
	t.Helper()
	must(t, s.Tracker.AppendTracker(ctx(t), rows))
}

// orders are the numbers of the rows that are left, in their order.
func orders(t *testing.T, s Stores) []int {
	t.Helper()
	left := []int{}
	for _, r := range s.TrackerRows(t) {
		left = append(left, r.Order)
	}
	return left
}

func keepRows(t *testing.T, s Stores) {
	whole := ports.TrackerRow{
		LogID: "0192", BoxID: "n1", BoxName: odd(), BoxType: "js", URL: "/orders/7?a=" + odd(), Username: "añá",
		ConnectionNext: "n2", Duration: 1234 * time.Millisecond, Created: noon().Truncate(time.Millisecond), Order: 1,
		Payload: `{"a":"` + megabyte() + `"}`, IP: "10.0.0.1", RealIP: "2001:db8::1", UserAgent: `{"cu\rl",}`,
		QueryParam: "a=1&b=%20", Hostname: "here", Host: "example.org:8080",
	}
	second := whole
	second.Order, second.Duration, second.Payload, second.ConnectionNext = 2, 0, "", ""
	track(t, s, whole, second)
	track(t, s)
	track(t, s, visit("bare", 3, 0))
	same(t, "rows", s.TrackerRows(t), []ports.TrackerRow{whole, second, visit("bare", 3, 0)})
}

func oddRows(t *testing.T, s Stores) {
	strange := visit("a\x00b", 1, 0)
	strange.URL, strange.UserAgent, strange.Payload = "/\xff", "\x00", "\xc3("
	track(t, s, strange, visit("fine", 2, 0))
	same(t, "rows", orders(t, s), []int{1, 2})
}

func rowRace(t *testing.T, s Stores) {
	const each = 33
	c := ctx(t)
	for _, err := range race(func(i int) error {
		rows := make([]ports.TrackerRow, each)
		for order := range rows {
			rows[order] = visit(fmt.Sprint(i), order, 0)
		}
		return s.Tracker.AppendTracker(c, rows)
	}) {
		must(t, err)
	}
	next := map[string]int{}
	for _, r := range s.TrackerRows(t) {
		same(t, "order of "+r.LogID, r.Order, next[r.LogID])
		next[r.LogID]++
	}
	same(t, "writers", len(next), writers)
	for log, n := range next {
		same(t, "rows of "+log, n, each)
	}
}

// visits stores ten rows, a minute apart.
func visits(t *testing.T, s Stores) {
	t.Helper()
	for i := range 10 {
		track(t, s, visit("run", i, time.Duration(i)*time.Minute))
	}
}

func prune(t *testing.T, s Stores, before time.Time, keep, most, want int) {
	t.Helper()
	n, err := s.Tracker.PruneTracker(ctx(t), before, keep, most)
	must(t, err)
	same(t, fmt.Sprintf("deleted before %v, beyond %d, at most %d", before, keep, most), n, want)
}

func pruneRowsByCount(t *testing.T, s Stores) {
	prune(t, s, time.Time{}, 3, 100, 0)
	visits(t, s)
	prune(t, s, time.Time{}, 0, 100, 0)
	prune(t, s, time.Time{}, 10, 100, 0)
	prune(t, s, time.Time{}, 3, 0, 0)
	prune(t, s, time.Time{}, 3, 4, 4)
	same(t, "left", orders(t, s), []int{4, 5, 6, 7, 8, 9})
	prune(t, s, time.Time{}, 3, 4, 3)
	prune(t, s, time.Time{}, 3, 4, 0)
	same(t, "left", orders(t, s), []int{7, 8, 9})
}

func pruneRowsByAge(t *testing.T, s Stores) {
	start := noon().Truncate(time.Second)
	visits(t, s)
	track(t, s, visit("late", 10, time.Minute)) // younger by its id, older by its time
	prune(t, s, start, 0, 100, 0)
	prune(t, s, start.Add(2*time.Minute).In(time.FixedZone("elsewhere", 5*3600)), 0, 2, 2)
	same(t, "left", orders(t, s), []int{2, 3, 4, 5, 6, 7, 8, 9, 10})
	prune(t, s, start.Add(2*time.Minute), 0, 2, 1)
	same(t, "left", orders(t, s), []int{2, 3, 4, 5, 6, 7, 8, 9})
	prune(t, s, start.Add(2*time.Minute), 0, 2, 0)
	prune(t, s, start.Add(time.Hour), 0, 100, 8)
}

func pruneRowsByBoth(t *testing.T, s Stores) {
	start := noon().Truncate(time.Second)
	visits(t, s)
	prune(t, s, start.Add(5*time.Minute), 8, 100, 5)
	prune(t, s, start.Add(5*time.Minute), 2, 100, 3)
	same(t, "left", orders(t, s), []int{8, 9})
}

func pruneRace(t *testing.T, s Stores) {
	c := ctx(t)
	for _, err := range race(func(i int) error {
		if i%4 == 0 {
			_, err := s.Tracker.PruneTracker(c, noon().Add(-time.Hour), 5, 100)
			return err
		}
		return s.Tracker.AppendTracker(c, []ports.TrackerRow{visit(fmt.Sprint(i), i, 0)})
	}) {
		must(t, err)
	}
	for deleted := 1; deleted > 0; {
		var err error
		deleted, err = s.Tracker.PruneTracker(c, time.Time{}, 5, 100)
		must(t, err)
	}
	same(t, "left", len(s.TrackerRows(t)), 5)
}

func endedTracker(t *testing.T, s Stores) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	fails(t, "append", s.Tracker.AppendTracker(ended, []ports.TrackerRow{visit("a", 1, 0)}), fault.Cancelled)
	_, err := s.Tracker.PruneTracker(ended, noon(), 1, 1)
	fails(t, "prune", err, fault.Cancelled)
	_, err = s.Runs.PruneRunsBefore(ended, noon(), 1)
	fails(t, "prune runs", err, fault.Cancelled)
	same(t, "rows", orders(t, s), []int{})
}
