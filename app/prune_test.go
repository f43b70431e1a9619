package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestPrune(t *testing.T) {
	w := newWorld(t)
	now := w.clock.Now()
	w.deps.Tracker = w.store
	var records []ports.RunRecord
	var rows []ports.TrackerRow
	for i := range 3000 {
		at := now.Add(-time.Duration(i) * time.Second)
		records = append(records, ports.RunRecord{ID: fmt.Sprintf("r%04d", 9999-i), Workflow: fmt.Sprint("w", i%2), Started: at})
		rows = append([]ports.TrackerRow{{LogID: fmt.Sprint(i), Created: at}}, rows...)
	}
	if err := w.store.AppendRuns(t.Context(), records); err != nil {
		t.Fatal(err)
	}
	if err := w.store.AppendTracker(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.SaveSession(t.Context(), ports.Session{Key: "old", Values: payload.EmptyObject(), Created: now.Add(-2), Expires: now}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		keep app.Retention
		want app.Pruned
	}{
		{app.Retention{RunsKeep: 1400}, app.Pruned{Runs: 200, Sessions: 1}},
		{app.Retention{RunsKeep: 1400, RunsMaxAge: 2599 * time.Second}, app.Pruned{Runs: 200}},
		{app.Retention{RunsKeep: 1400, TrackerMaxAge: 2799 * time.Second}, app.Pruned{TrackerRows: 200}},
		{app.Retention{RunsKeep: 1400, TrackerKeep: 100}, app.Pruned{TrackerRows: 2700}},
		{app.Retention{RunsKeep: 0, TrackerKeep: 100}, app.Pruned{Runs: 2600}},
		{app.Retention{}, app.Pruned{}},
	} {
		if done, err := app.Prune(t.Context(), w.deps, tt.keep); err != nil || done != tt.want {
			t.Errorf("%+v: deleted %+v (%v), want %+v", tt.keep, done, err, tt.want)
		}
	}
}
