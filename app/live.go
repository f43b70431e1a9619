package app

import (
	"context"
	"sync"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// liveRuns knows every run and background task under way, so that they can be
// cancelled one by one and all end at shutdown.
type liveRuns struct {
	base   context.Context //nolint:containedctx // the life of the process, which every run shares
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	closed bool
	byID   map[string]liveRun
	wait   sync.WaitGroup
}

type liveRun struct {
	workflow string
	cancel   context.CancelCauseFunc
}

func newLiveRuns() *liveRuns {
	base, cancel := context.WithCancelCause(context.Background())
	return &liveRuns{base: base, cancel: cancel, byID: make(map[string]liveRun)}
}

// enter registers a run; every enter needs a leave. It fails with unavailable
// during shutdown.
func (l *liveRuns) enter(id string, run liveRun) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return fault.New(fault.Unavailable, "the runtime is stopping").Retry(5)
	}
	l.wait.Add(1)
	l.byID[id] = run
	return nil
}

func (l *liveRuns) leave(id string) {
	l.mu.Lock()
	delete(l.byID, id)
	l.mu.Unlock()
	l.wait.Done()
}

// stop cancels a run of the workflow; false when there is none with that id.
func (l *liveRuns) stop(workflow, id string) bool {
	l.mu.Lock()
	run, ok := l.byID[id]
	l.mu.Unlock()
	if !ok || run.workflow != workflow {
		return false
	}
	run.cancel(fault.New(fault.Cancelled, "the run was stopped by wkill"))
	return true
}

// close waits for the runs under way until ctx ends, then cancels them and waits
// for them to notice. It returns how many did not, as a script inside an operation
// that cannot be interrupted: they must not keep the process from ending.
func (l *liveRuns) close(ctx context.Context) (stuck int) {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	done := make(chan struct{})
	go func() {
		l.wait.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	l.cancel(fault.New(fault.Cancelled, "the runtime is stopping"))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), chorePatience)
	defer cancel()
	select {
	case <-done:
		return 0
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.byID)
	}
}
