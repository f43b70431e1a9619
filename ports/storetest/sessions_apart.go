package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// RunSessions runs the suite of stores that keep nothing but sessions. open
// returns an empty one, whose clock shows Noon if it has one of its own. Such a
// store may forget an expired session before it is told to.
func RunSessions(t *testing.T, open func(t *testing.T) ports.SessionStore) {
	t.Helper()
	tests := append(savedSessionTests(),
		test{"drop what is there and expired", dropPresent},
		test{"an ended context", endedSessions})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, Stores{Sessions: open(t)}) })
	}
}

// Noon is the time at which most of the suites play.
func Noon() time.Time { return noon() }

// dropPresent saves sessions that have expired already. A store says exactly how
// many of those it still had when it is told to drop them.
func dropPresent(t *testing.T, s Stores) {
	for i := range 5 {
		given := session(fmt.Sprint(i), 0, "{}")
		given.Expires = noon().Add(time.Duration(i-2) * time.Minute)
		_, err := s.Sessions.SaveSession(ctx(t), given)
		must(t, err)
	}
	forever := session("forever", 0, "{}")
	forever.Expires = time.Time{}
	_, err := s.Sessions.SaveSession(ctx(t), forever)
	must(t, err)
	present := 0
	for i := range 3 {
		_, err := s.Sessions.Session(ctx(t), fmt.Sprint(i), noon().Add(-time.Hour))
		if err == nil {
			present++
			continue
		}
		fails(t, "forgotten early", err, fault.NotFound)
	}
	for _, want := range []int{present, 0} {
		n, err := s.Sessions.DropExpiredSessions(ctx(t), noon(), 999)
		must(t, err)
		same(t, "dropped", n, want)
	}
	for i := range 3 {
		_, err := s.Sessions.Session(ctx(t), fmt.Sprint(i), noon().Add(-time.Hour))
		fails(t, "dropped", err, fault.NotFound)
	}
	for _, key := range []string{"3", "4", "forever"} {
		_, err := s.Sessions.Session(ctx(t), key, noon())
		must(t, err)
	}
	_, err = s.Sessions.Session(ctx(t), "forever", noon().AddDate(100, 0, 0))
	must(t, err)
}

func endedSessions(t *testing.T, s Stores) {
	_, err := s.Sessions.SaveSession(ctx(t), session("k", 0, "{}"))
	must(t, err)
	for name, ended := range endedContexts(t) {
		_, err := s.Sessions.Session(ended, "k", noon())
		fails(t, name+" read", err, fault.Cancelled)
		_, err = s.Sessions.SaveSession(ended, session("k", 1, "{}"))
		fails(t, name+" save", err, fault.Cancelled)
		fails(t, name+" delete", s.Sessions.DeleteSession(ended, "k"), fault.Cancelled)
		_, err = s.Sessions.DropExpiredSessions(ended, noon(), 999)
		fails(t, name+" drop", err, fault.Cancelled)
	}
	got, err := s.Sessions.Session(ctx(t), "k", noon())
	must(t, err)
	same(t, "version", got.Version, 1)
}
