package goja

import (
	"container/heap"
	"time"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// loop is the event loop of one run: a queue of timers worked off by the run's
// own goroutine. Promise jobs are the engine's; it works them off whenever a
// call into the runtime returns.
type loop struct {
	queue  timerQueue
	byID   map[int64]*timer
	lastID int64
}

type timer struct {
	id    int64
	due   time.Time
	every time.Duration // 0 = once
	index int           // in the queue
	call  js.Callable
	args  []js.Value
}

// timerQueue orders timers by time, those of the same time by age.
type timerQueue []*timer

func (q timerQueue) Len() int { return len(q) }
func (q timerQueue) Less(i, j int) bool {
	if q[i].due.Equal(q[j].due) {
		return q[i].id < q[j].id
	}
	return q[i].due.Before(q[j].due)
}
func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push adds a timer; for container/heap.
func (q *timerQueue) Push(x any) {
	t, _ := x.(*timer)
	t.index = len(*q)
	*q = append(*q, t)
}

// Pop removes the last timer; for container/heap.
func (q *timerQueue) Pop() any {
	old := *q
	t := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return t
}

// add schedules a call.
func (l *loop) add(t *timer, after time.Duration) int64 {
	if l.byID == nil {
		l.byID = map[int64]*timer{}
	}
	l.lastID++
	t.id, t.due = l.lastID, time.Now().Add(after)
	l.byID[t.id] = t
	heap.Push(&l.queue, t)
	return t.id
}

// remove forgets a timer; an unknown one is no error.
func (l *loop) remove(id int64) {
	if t, ok := l.byID[id]; ok {
		delete(l.byID, id)
		heap.Remove(&l.queue, t.index)
	}
}

// settle works the loop off until nothing is pending and gives the value the
// script returned, awaited when it is a promise.
func (r *run) settle(returned js.Value) (js.Value, error) {
	main, err := r.asPromise(returned)
	if err != nil {
		return nil, err
	}
	for len(r.loop.queue) > 0 {
		if main != nil && main.State() == js.PromiseStateRejected {
			break
		}
		if err := r.fire(r.loop.queue[0]); err != nil {
			return nil, err
		}
	}
	r.reportRejections(main)
	if main == nil {
		return returned, nil
	}
	switch main.State() {
	case js.PromiseStateFulfilled:
		return main.Result(), nil
	case js.PromiseStateRejected:
		return nil, r.rejection(main.Result())
	case js.PromiseStatePending:
	}
	return nil, fault.New(fault.ScriptFailed, "the script awaits a promise that nothing will settle any more")
}

// fire waits for a timer and calls it.
func (r *run) fire(t *timer) error {
	if err := r.wait(time.Until(t.due)); err != nil {
		return err
	}
	if t.every > 0 {
		t.due = time.Now().Add(t.every)
		heap.Fix(&r.loop.queue, t.index)
	} else {
		r.loop.remove(t.id)
	}
	_, err := t.call(js.Undefined(), t.args...)
	return err
}

// wait sleeps, but not beyond the end of the run: then it returns the fault.
func (r *run) wait(d time.Duration) error {
	if r.ctx.Err() != nil {
		return cancelled(r.ctx)
	}
	left := time.Until(r.deadline)
	if left <= 0 {
		return r.overtime()
	}
	if d <= 0 {
		return nil
	}
	alarm := time.NewTimer(min(d, left))
	defer alarm.Stop()
	select {
	case <-alarm.C:
		if d > left {
			return r.overtime()
		}
		return nil
	case <-r.ctx.Done():
		return cancelled(r.ctx)
	}
}

// asPromise is the promise a script returned, nil when it returned none. Other
// things with a then method are adopted by a promise.
func (r *run) asPromise(v js.Value) (*js.Promise, error) {
	obj, ok := v.(*js.Object)
	if !ok {
		return nil, nil
	}
	var p *js.Promise
	var thenable bool
	if ex := r.vm.Try(func() { // a revoked proxy throws whatever one asks it
		if classOf(obj) == "Promise" {
			p, _ = obj.Export().(*js.Promise)
			return
		}
		_, thenable = js.AssertFunction(obj.Get("then"))
	}); ex != nil {
		return nil, ex
	}
	if p != nil || !thenable {
		return p, nil
	}
	p, resolve, _ := r.vm.NewPromise()
	return p, resolve(obj)
}

// rejection is the exception a promise was rejected with, with the call stack
// of where the error was made.
func (r *run) rejection(reason js.Value) error {
	if ex := r.vm.Try(func() { panic(reason) }); ex != nil {
		return ex
	}
	return fault.New(fault.ScriptFailed, "the script's promise was rejected")
}

// trackRejection notes promises that are rejected while nobody listens.
func (r *run) trackRejection(p *js.Promise, op js.PromiseRejectionOperation) {
	if op == js.PromiseRejectionHandle {
		delete(r.rejected, p)
		return
	}
	if r.rejected == nil {
		r.rejected = map[*js.Promise]struct{}{}
	}
	r.rejected[p] = struct{}{}
}

// reportRejections logs the rejections nobody listened to, but for the main
// promise, whose rejection is the run's failure.
func (r *run) reportRejections(main *js.Promise) {
	for p := range r.rejected {
		if p == main {
			continue
		}
		text := "a value that cannot be shown"
		_ = r.vm.Try(func() { text = r.describe(p.Result()) })
		r.warn("a promise was rejected and nobody handled it: " + text)
	}
}
