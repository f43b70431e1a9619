package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

func TestOneWorkflowLeavesPlacesForOthers(t *testing.T) {
	for places, alone := range map[int]int{1: 1, 2: 2, 3: 3, 4: 3, 8: 6, 50: 38, 100: 75} {
		a := newAdmission(places)
		got := 0
		for ; got <= places; got++ {
			if _, w, _ := a.enter("noisy"); w != nil {
				break
			}
		}
		if got != alone {
			t.Errorf("of %d places, one workflow alone got %d, want %d", places, got, alone)
		}
		if _, w, _ := a.enter("healthy"); (w == nil) != (alone < places) {
			t.Errorf("of %d places with %d taken, another workflow got one at once: %v", places, alone, w == nil)
		}
	}
}

// Everybody who comes while many others shout gets a place at once, as long as
// there is one for each.
func TestManyNoisyWorkflows(t *testing.T) {
	a := newAdmission(50)
	for range 200 {
		for _, noisy := range []string{"a", "b", "c"} {
			a.enter(noisy)
		}
	}
	for i := range a.free {
		if _, w, _ := a.enter(fmt.Sprint("quiet ", i)); w != nil {
			t.Fatalf("the %d. quiet workflow waits", i+1)
		}
	}
}

func TestWaitingWorkflowsTakeTurns(t *testing.T) {
	a := newAdmission(1)
	held, _, _ := a.enter("first")
	var order []string
	waiters := map[string][]*waiter{}
	for _, id := range []string{"a", "a", "a", "b", "c", "b"} {
		_, w, _ := a.enter(id)
		waiters[id] = append(waiters[id], w)
	}
	for range 6 {
		a.leave(held)
		for id, list := range waiters {
			if len(list) > 0 && list[0].at == nil {
				order, held, waiters[id] = append(order, id), list[0].share, list[1:]
			}
		}
	}
	if want := []string{"a", "b", "c", "a", "b", "a"}; !slices.Equal(order, want) {
		t.Errorf("served %v, want %v", order, want)
	}
}

// Whoever leaves at the moment it is served has nothing, and the next is served.
func TestCancelledAtTheMomentOfThePlace(t *testing.T) {
	a := newAdmission(1)
	held, _, _ := a.enter("a")
	_, leaving, _ := a.enter("b")
	_, next, _ := a.enter("c")
	a.leave(held) // b has the place, and has not noticed
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(context.DeadlineExceeded)
	granted := leaving.granted
	leaving.granted = nil                                                // so that only the end of ctx is seen
	if _, err := a.wait(ctx, leaving); err != context.DeadlineExceeded { //nolint:errorlint // the very error is wanted
		t.Errorf("got %v", err)
	}
	<-granted
	if running, err := a.wait(t.Context(), next); err != nil || running != 1 {
		t.Errorf("the next got %d, %v", running, err)
	}
	a.leave(next.share)
	if a.free != 1 || a.waiting.Len() != 0 {
		t.Errorf("%d free, %d waiting", a.free, a.waiting.Len())
	}
}

// Many scripts come, run and give up in any order: there are never more than
// places, everybody who does not give up is served, and all is given back.
func TestAdmissionKeepsItsBounds(t *testing.T) {
	for _, places := range []int{1, 2, 7, 50} {
		t.Run(fmt.Sprint(places), func(t *testing.T) {
			a := newAdmission(places)
			var mu sync.Mutex
			running, served, gaveUp := 0, 0, 0
			var all sync.WaitGroup
			for i := range 3000 {
				all.Go(func() {
					ctx, cancel := context.WithCancel(context.Background())
					defer cancel()
					patient := i%3 > 0
					if !patient {
						go cancel()
					}
					s, w, _ := a.enter(fmt.Sprint("w", rand.IntN(1+i%9)))
					if w != nil {
						if _, err := a.wait(ctx, w); err != nil {
							mu.Lock()
							gaveUp++
							mu.Unlock()
							if patient {
								t.Error("a patient script was sent away")
							}
							return
						}
					}
					mu.Lock()
					running++
					served++
					if running > places {
						t.Errorf("%d run at once", running)
					}
					mu.Unlock()
					for range rand.IntN(50) {
						a.full()
					}
					mu.Lock()
					running--
					mu.Unlock()
					a.leave(s)
				})
			}
			all.Wait()
			if served+gaveUp != 3000 || a.free != places || a.waiting.Len() != 0 {
				t.Errorf("served %d, gave up %d, free %d of %d, waiting %d", served, gaveUp, a.free, places, a.waiting.Len())
			}
			for id, s := range a.shares {
				if s.held != 0 || s.turn != nil || s.waiters.Len() != 0 {
					t.Errorf("%s holds %d", id, s.held)
				}
			}
		})
	}
}

// Step by step and without luck of timing: after each step nobody waits who may
// have a place.
func TestNobodyWaitsForNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	ended, end := context.WithCancel(t.Context())
	end()
	for round := range 200 {
		a := newAdmission(1 + round%12)
		var held []*share
		var waiting []*waiter
		for range 300 {
			switch step := random.IntN(5); {
			case step < 2:
				s, w, _ := a.enter(fmt.Sprint("w", random.IntN(5)))
				if w == nil {
					held = append(held, s)
				} else {
					waiting = append(waiting, w)
				}
			case step < 4 && len(held) > 0:
				i := random.IntN(len(held))
				a.leave(held[i])
				held = slices.Delete(held, i, i+1)
			case len(waiting) > 0:
				i := random.IntN(len(waiting))
				w := waiting[i]
				waiting = slices.Delete(waiting, i, i+1)
				if _, err := a.wait(ended, w); err == nil {
					held = append(held, w.share)
				}
			}
			waiting = slices.DeleteFunc(waiting, func(w *waiter) bool {
				if w.at == nil {
					held = append(held, w.share)
				}
				return w.at == nil
			})
			if len(held) != a.most-a.free || len(held) > a.most {
				t.Fatalf("%d held, %d free of %d", len(held), a.free, a.most)
			}
			for _, w := range waiting {
				if a.admits(w.share) {
					t.Fatalf("%s waits with %d held and %d free", w.share.workflow, w.share.held, a.free)
				}
			}
		}
	}
}

func TestIdleWorkflowsAreForgotten(t *testing.T) {
	a := newAdmission(2)
	for i := range 3 * maxIdleShares {
		s, _, _ := a.enter(fmt.Sprint(i))
		a.leave(s)
	}
	if len(a.shares) > maxIdleShares {
		t.Errorf("%d shares are kept", len(a.shares))
	}
}

func BenchmarkAdmission(b *testing.B) {
	b.Run("free", func(b *testing.B) {
		a := newAdmission(50)
		b.ReportAllocs()
		for b.Loop() {
			s, _, _ := a.enter("shop")
			a.leave(s)
		}
	})
	b.Run("contended", func(b *testing.B) {
		a := newAdmission(4)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				s, w, _ := a.enter("shop")
				if w != nil {
					_, _ = a.wait(context.Background(), w)
				}
				a.leave(s)
			}
		})
	})
}
