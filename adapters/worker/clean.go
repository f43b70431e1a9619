package worker

import "time"

// cleanEvery ends processes that nobody needed for a while, those above Preload
// only.
func (p *Pool) cleanEvery() {
	ticker := time.NewTicker(p.cfg.CleanupInterval)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			p.clean(now)
		case <-p.stop:
			return
		}
	}
}

func (p *Pool) clean(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	spare := p.live - p.cfg.Preload
	for spare > 0 && len(p.idle) > 0 && now.Sub(p.idle[0].since) >= p.cfg.IdleTimeout {
		w := p.idle[0] // the one unused for longest
		p.idle = p.idle[1:]
		p.bury(w)
		spare--
	}
}
