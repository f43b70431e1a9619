package worker

import (
	"sync"
	"time"
)

// alarm tells when a turn takes long, and rings when it is not over in time. It
// serves many turns, one after the other, because setting a timer again is
// cheap; their numbers and the due time make sure that a late ring never hits
// the next one.
type alarm struct {
	slow func() // told that the turn takes long
	ring func(reason string)

	mu     sync.Mutex
	timer  *time.Timer
	turn   int64
	due    time.Time // zero between turns
	reason string
	long   time.Time // when the turn takes long; zero once that was told
}

// begin starts a turn that takes long after longTime and must be over after d.
// It returns the turn's number.
func (a *alarm) begin(longTime, d time.Duration, reason string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn++
	now := time.Now()
	a.due, a.reason, a.long = now.Add(d), reason, now.Add(longTime)
	a.wake(min(longTime, d))
	return a.turn
}

// hasten makes a turn end after d at the latest, if it is not over yet.
func (a *alarm) hasten(turn int64, d time.Duration, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if due := time.Now().Add(d); a.turn == turn && !a.due.IsZero() && due.Before(a.due) {
		a.due, a.reason = due, reason
		a.wake(d)
	}
}

// end ends the turn and reports whether it took long.
func (a *alarm) end() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.due = time.Time{}
	a.timer.Stop()
	return a.long.IsZero()
}

func (a *alarm) wake(d time.Duration) {
	if a.timer == nil {
		a.timer = time.AfterFunc(d, a.alert)
		return
	}
	a.timer.Reset(d)
}

func (a *alarm) alert() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.due.IsZero() {
		return
	}
	if left := time.Until(a.due); left > 0 {
		if early := time.Until(a.long); !a.long.IsZero() && early > 0 { // a ring of the turn before
			a.wake(min(early, left))
			return
		}
		if !a.long.IsZero() {
			a.long = time.Time{}
			a.slow()
		}
		a.wake(left)
		return
	}
	a.due = time.Time{}
	a.ring(a.reason)
}
