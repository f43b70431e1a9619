package worker

import "github.com/arturoeanton/nflow-runtime/adapters/worker/confine"

// Stats is the state of a pool.
type Stats struct {
	Live int // processes, busy ones included
	Idle int // of them, waiting for work
	// PeakBytes is the most memory that one process used, of those that are
	// gone and those that wait for work.
	PeakBytes int64
}

// Stats returns the state of the pool.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{Live: p.live, Idle: len(p.idle), PeakBytes: p.peak}
	for _, w := range p.idle {
		s.PeakBytes = max(s.PeakBytes, peakOf(w.cmd.Process.Pid))
	}
	return s
}

// Broken is why no script can run at the moment; nil when one can.
func (p *Pool) Broken() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure.count > 0 && p.live == p.starting {
		return p.failure.err
	}
	return nil
}

// Report says how the processes are confined.
func (p *Pool) Report() confine.Report { return p.report }
