package memory_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
	"github.com/arturoeanton/nflow-runtime/ports/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Stores {
		rows := storetest.Designer()
		s := memory.NewOver(memory.Designer{
			Workflows: []ports.Workflow{rows.Workflow},
			Modules:   []ports.Module{rows.Module},
			Templates: []ports.Template{rows.Template},
			Users:     []ports.User{rows.User},
			AppTokens: map[string]payload.Value{rows.AppTokenName: rows.AppToken},
		})
		return storetest.Stores{
			Reader: s, Writer: s, Changes: s, Library: s, Index: s, Users: s, Tokens: s, Settings: s, Sessions: s, Runs: s,
			Tracker: s, Plugins: s, Switches: s, Values: s, Pinger: s,
			TrackerRows: func(*testing.T) []ports.TrackerRow { return s.Tracker() },
		}
	})
}

func TestNewIsEmpty(t *testing.T) {
	all, err := memory.New().Active(t.Context())
	if err != nil || len(all) != 0 {
		t.Errorf("workflows %v, error %v", all, err)
	}
}

// TestTrackerIsBounded: nothing else would bound the memory.
func TestTrackerIsBounded(t *testing.T) {
	s := memory.New()
	for i := range 13 {
		if err := s.AppendTracker(t.Context(), make([]ports.TrackerRow, 1000, 1000+i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Tracker()); n != 10_000 {
		t.Errorf("%d rows", n)
	}
}
