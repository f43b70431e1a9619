package app

import (
	"container/list"
	"context"
	"sync"
)

// admission shares the places for running scripts among the workflows. Those
// that wait are served in turn, one workflow after the other, and within a
// workflow in the order they came.
//
// A workflow may take one more place while it holds less than three for each
// free one: alone it gets about three quarters of them, beside others less, so
// that whoever holds none finds one at once. The less is free, the smaller the
// share of everybody; nothing has to be known about how many workflows there are.
//
// Whoever waits costs an entry in a list and no goroutine of ours.
type admission struct {
	mu      sync.Mutex
	most    int
	free    int
	shares  map[string]*share
	waiting list.List // of *share with somebody waiting; the next in turn first
}

// heldForEachFree is how many places a workflow may hold for each free one.
const heldForEachFree = 3

// maxIdleShares bounds what is remembered of workflows that hold nothing.
const maxIdleShares = 1024

// share is what one workflow holds and who waits in it.
type share struct {
	workflow string
	held     int
	waiters  list.List     // of *waiter, the first come first
	turn     *list.Element // in admission.waiting; nil while nobody waits
}

// waiter is a script that waits for a place.
type waiter struct {
	share   *share
	at      *list.Element // in share.waiters; nil once it has its place
	granted chan struct{} // closed with the place
	running int           // how many places were taken by then
}

func newAdmission(places int) *admission {
	return &admission{most: places, free: places, shares: make(map[string]*share)}
}

// enter takes a place for a workflow, or else gives a waiter for one: then wait
// must be called with it. Every place taken needs a leave. running is how many
// places are taken.
func (a *admission) enter(workflow string) (s *share, w *waiter, running int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s = a.shares[workflow]
	if s == nil {
		s = &share{workflow: workflow}
		a.shares[workflow] = s
	}
	// Whoever waits in other workflows waits because its workflow may not take
	// more, so nobody is overtaken here.
	if s.turn == nil && a.admits(s) {
		a.take(s)
		return s, nil, a.most - a.free
	}
	w = &waiter{share: s, granted: make(chan struct{})}
	w.at = s.waiters.PushBack(w)
	if s.turn == nil {
		s.turn = a.waiting.PushBack(s)
	}
	return s, w, a.most - a.free
}

// wait returns once the waiter has its place, or else with what ended ctx; then
// there is nothing to give back, even if the place came at that very moment.
func (a *admission) wait(ctx context.Context, w *waiter) (running int, err error) {
	select {
	case <-w.granted:
		return w.running, nil
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w.at == nil {
		a.putBack(w.share)
		return 0, context.Cause(ctx)
	}
	w.share.waiters.Remove(w.at)
	a.endTurn(w.share)
	a.forget(w.share)
	return 0, context.Cause(ctx)
}

// leave gives a place back and passes it on; running is as of enter.
func (a *admission) leave(s *share) (running int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.putBack(s)
	return a.most - a.free
}

// full reports whether every place is taken.
func (a *admission) full() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.free == 0
}

func (a *admission) admits(s *share) bool { return s.held < heldForEachFree*a.free }

func (a *admission) take(s *share) {
	s.held++
	a.free--
}

func (a *admission) putBack(s *share) {
	s.held--
	a.free++
	a.passOn()
	a.forget(s)
}

// passOn gives free places to those in turn, until nobody who waits may take one.
// A workflow that may not keeps its turn and is passed over; there are few such,
// since each of them holds places.
func (a *admission) passOn() {
	for at := a.waiting.Front(); at != nil && a.free > 0; {
		s := at.Value.(*share) //nolint:forcetypeassert // the list holds nothing else
		if !a.admits(s) {
			at = at.Next()
			continue
		}
		w := s.waiters.Remove(s.waiters.Front()).(*waiter) //nolint:forcetypeassert // as above
		w.at = nil
		a.take(s)
		w.running = a.most - a.free
		close(w.granted)
		a.waiting.MoveToBack(at)
		a.endTurn(s)
		at = a.waiting.Front()
	}
}

// endTurn takes a workflow out of the turns when nobody waits in it.
func (a *admission) endTurn(s *share) {
	if s.waiters.Len() == 0 && s.turn != nil {
		a.waiting.Remove(s.turn)
		s.turn = nil
	}
}

// forget drops what is known of a workflow that holds nothing, when there are
// many of them.
func (a *admission) forget(s *share) {
	if s.held == 0 && s.turn == nil && len(a.shares) > maxIdleShares {
		delete(a.shares, s.workflow)
	}
}
