package worker

import (
	"sync"
	"time"
)

// alarm rings when a turn is not over in time. It serves many turns, one after
// the other, because setting a timer again is cheap; their numbers and the due
// time make sure that a late ring never hits the next one.
type alarm struct {
	ring func(reason string)

	mu     sync.Mutex
	timer  *time.Timer
	turn   int64
	due    time.Time // zero between turns
	reason string
}

// begin starts a turn that must be over after d, and returns its number.
func (a *alarm) begin(d time.Duration, reason string) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn++
	a.set(d, reason)
	return a.turn
}

// hasten makes a turn end after d at the latest, if it is not over yet.
func (a *alarm) hasten(turn int64, d time.Duration, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.turn == turn && !a.due.IsZero() && time.Now().Add(d).Before(a.due) {
		a.set(d, reason)
	}
}

// end ends the turn.
func (a *alarm) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.due = time.Time{}
	a.timer.Stop()
}

func (a *alarm) set(d time.Duration, reason string) {
	a.due, a.reason = time.Now().Add(d), reason
	if a.timer == nil {
		a.timer = time.AfterFunc(d, a.alert)
		return
	}
	a.timer.Reset(d)
}

func (a *alarm) alert() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.due.IsZero() && !time.Now().Before(a.due) {
		a.due = time.Time{}
		a.ring(a.reason)
	}
}
