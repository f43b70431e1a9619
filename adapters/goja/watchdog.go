package goja

import (
	"sync"
	"time"

	js "github.com/dop251/goja"
)

// stopReason is what a runtime is interrupted with.
type stopReason byte

const (
	stopTime stopReason = iota + 1
	stopCancelled
)

// watchdog interrupts a runtime that runs too long. It is used for many runs,
// one after the other, because arming a timer again is cheap; the lock and the
// due time make sure that a late alarm never bites the next run.
type watchdog struct {
	mu    sync.Mutex
	timer *time.Timer
	vm    *js.Runtime // nil while not armed
	due   time.Time
}

func (w *watchdog) arm(vm *js.Runtime, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.vm, w.due = vm, time.Now().Add(d)
	if w.timer == nil {
		w.timer = time.AfterFunc(d, w.bite)
		return
	}
	w.timer.Reset(d)
}

func (w *watchdog) disarm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.vm = nil
	w.timer.Stop()
}

func (w *watchdog) bite() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vm != nil && !time.Now().Before(w.due) {
		w.vm.Interrupt(stopTime)
	}
}
