package worker

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/confine"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Pool keeps worker processes and gives each to one script at a time. It is
// safe for concurrent use.
type Pool struct {
	cfg     Config
	spawner *spawner
	report  confine.Report
	stop    chan struct{}  // closed by Close
	tasks   sync.WaitGroup // everything that runs in the background

	longTime time.Duration // after which a process makes way
	polite   bool          // processes make way while they start, too

	mu       sync.Mutex
	all      map[*process]struct{} // that are not gone
	idle     []*process            // the most recently used last
	live     int                   // idle, in use, ending and being started
	starting int                   // of them, being started
	waiting  []chan handout        // for a process, the first come first
	failure  failure
	closed   bool
	peak     int64 // bytes that a process that is gone used at most
}

// handout ends waiting: a process, or why there is none.
type handout struct {
	process *process
	err     error
}

var _ ports.ScriptEngine = (*Pool)(nil)

// New starts a pool and its first process, to see that one can be started and
// how it is confined; the rest of Preload follows in the background. It fails
// with code unavailable.
func New(cfg Config) (*Pool, error) {
	p := &Pool{cfg: cfg.filled(), stop: make(chan struct{}), all: map[*process]struct{}{}, live: 1}
	var unconfined error
	p.spawner, unconfined = newSpawner(cfg.Path)
	first, err := newProcess(p)
	if err != nil {
		p.spawner.close()
		return nil, fault.Wrap(err, fault.Unavailable, "the process that is to run scripts does not start: %v", err)
	}
	p.report = first.report
	p.longTime = p.cfg.LongTime
	first.makeWay()
	if p.polite = first.comeBack(); !p.polite {
		first.retired = true
		p.longTime *= costlyLongTimes
	}
	if unconfined != nil {
		p.cfg.Log.Warn("the thread that starts worker processes keeps rights that they inherit", "error", unconfined)
	}
	p.put(first, !first.retired)
	p.mu.Lock()
	p.refill()
	p.mu.Unlock()
	if p.cfg.CleanupInterval > 0 {
		p.tasks.Go(p.cleanEvery)
	}
	return p, nil
}

// costlyLongTimes makes replacing a process that cannot come back to its priority
// small beside what it ran.
const costlyLongTimes = 20

// Close ends every process, also those that still run a script.
func (p *Pool) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	close(p.stop)
	for _, w := range p.idle {
		p.bury(w)
		delete(p.all, w)
	}
	p.idle = nil
	for _, turn := range p.waiting {
		turn <- handout{err: stopping()}
	}
	p.waiting = nil
	for w := range p.all {
		w.kill(reasonQuit)
	}
	p.mu.Unlock()
	p.tasks.Wait()
	p.spawner.close()
	return nil
}

// acquire waits for a process.
func (p *Pool) acquire(ctx context.Context) (*process, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return w, nil
	}
	if p.closed {
		p.mu.Unlock()
		return nil, stopping()
	}
	if err := p.failure.recent(); err != nil && p.live == p.starting {
		p.mu.Unlock()
		return nil, err
	}
	turn := make(chan handout, 1)
	p.waiting = append(p.waiting, turn)
	p.refill()
	p.mu.Unlock()
	select {
	case h := <-turn:
		return h.process, h.err
	case <-ctx.Done():
		p.leave(turn)
		return nil, cancelled(ctx)
	}
}

func stopping() *fault.Fault { return fault.New(fault.Unavailable, "the server is stopping").Retry(1) }

// leave stops waiting; what was handed out at that moment goes back.
func (p *Pool) leave(turn chan handout) {
	p.mu.Lock()
	if i := slices.Index(p.waiting, turn); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	if h := <-turn; h.process != nil {
		p.put(h.process, true)
	}
}

// put takes a process back; one that is not usable is ended, and replaced when
// one is needed.
func (p *Pool) put(w *process, usable bool) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		w.quit(p.cfg.Grace)
		return
	}
	defer p.mu.Unlock()
	if !usable || w.killedFor() != "" || w.isDead() {
		p.bury(w)
		return
	}
	if len(p.waiting) > 0 {
		p.waiting[0] <- handout{process: w}
		p.waiting = slices.Delete(p.waiting, 0, 1)
		return
	}
	w.since = time.Now()
	p.idle = append(p.idle, w)
}

// bury ends a process in the background. The lock is held.
func (p *Pool) bury(w *process) {
	p.tasks.Go(func() {
		w.quit(p.cfg.Grace)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.live--
		p.peak = max(p.peak, w.peak)
		p.refill()
	})
}

// started is told of a new process; false when the pool is closed.
func (p *Pool) started(w *process) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all[w] = struct{}{}
	return !p.closed
}

// gone is told that a process is dead. Whoever uses it will notice; one that
// waits for work is removed here.
func (p *Pool) gone(w *process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, w)
	if i := slices.Index(p.idle, w); i >= 0 {
		p.idle = slices.Delete(p.idle, i, i+1)
		p.cfg.Observer.Counted(ports.WorkerLost, "idle", 1)
		p.cfg.Log.Warn("a worker process died while it waited for work", "state", w.cmd.ProcessState.String(), "said", w.stderr.String())
		p.bury(w)
	}
}

// refill starts the processes that are missing. The lock is held.
func (p *Pool) refill() {
	if p.closed {
		return
	}
	missing := max(len(p.waiting)-p.starting, p.cfg.Preload-p.live)
	for range min(missing, p.cfg.MaxSize-p.live) {
		p.live++
		p.starting++
		p.tasks.Go(p.startOne)
	}
}

// startOne starts one process. After failures it waits first, longer each time.
func (p *Pool) startOne() {
	p.mu.Lock()
	pause := p.failure.pause()
	p.mu.Unlock()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.stop:
	}
	w, err := newProcess(p)
	p.mu.Lock()
	p.starting--
	if err == nil {
		p.failure = failure{}
		p.mu.Unlock()
		p.put(w, !w.retired)
		return
	}
	defer p.mu.Unlock()
	p.live--
	if p.closed {
		return
	}
	p.failure.add(unstartable(err))
	p.cfg.Log.Error("a worker process did not start", "error", err, "failures", p.failure.count)
	if p.failure.count > toleratedFailures && p.live == p.starting {
		for _, turn := range p.waiting {
			turn <- handout{err: p.failure.err}
		}
		p.waiting = nil
	}
	p.refill()
}
