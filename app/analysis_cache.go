package app

import (
	"context"
	"sync"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// verdicts keeps what the analysis said of scripts, by their text, for some time.
// A script that many ask for at once is analysed once.
type verdicts struct {
	clock ports.Clock
	ttl   time.Duration // 0 = nothing is kept

	mu      sync.RWMutex
	known   map[scriptKey]*verdict
	pending map[scriptKey]chan struct{} // closed when the analysis is over
	bytes   int
}

// scriptKey is everything the findings of a script depend on.
type scriptKey struct {
	code     string
	language node.Language
	body     bool
}

// verdict never changes once it is known.
type verdict struct {
	findings []policy.Finding
	err      error // of a script that does not parse
	bytes    int
	until    time.Time
}

// The most that is kept; beyond it, any may have to go.
const (
	maxVerdicts     = 10_000
	maxVerdictBytes = 32 << 20
)

func newVerdicts(clock ports.Clock, ttl time.Duration) *verdicts {
	return &verdicts{clock: clock, ttl: ttl, known: make(map[scriptKey]*verdict), pending: make(map[scriptKey]chan struct{})}
}

func keyOf(s node.Script) scriptKey {
	return scriptKey{code: s.Code, language: s.Language, body: s.Entry == ""}
}

func newVerdict(s node.Script, findings []policy.Finding, err error) *verdict {
	const overhead = 200 // of an entry and its error
	v := &verdict{findings: findings, err: err, bytes: len(s.Code) + overhead}
	for _, f := range findings {
		v.bytes += len(f.Rule) + len(f.Message) + overhead
	}
	return v
}

// get is what is known of a script, or else what analyse says. An analysis that
// fails is nobody's verdict: whoever waited for it tries again.
func (c *verdicts) get(ctx context.Context, key scriptKey, analyse func() (*verdict, error)) (*verdict, error) {
	if c.ttl <= 0 {
		return analyse()
	}
	for {
		now := c.clock.Now()
		c.mu.RLock()
		v := c.known[key]
		c.mu.RUnlock()
		if v != nil && now.Before(v.until) {
			return v, nil
		}
		done, mine := c.begin(key)
		if mine {
			return c.finish(key, done, analyse)
		}
		select {
		case <-done:
		case <-ctx.Done():
			return nil, gaveUp(ctx)
		}
	}
}

// gaveUp is why a context ended.
func gaveUp(ctx context.Context) error {
	cause := context.Cause(ctx)
	if f := fault.As(cause); f.Code != fault.Internal {
		return f
	}
	return fault.Wrap(cause, fault.Cancelled, "the analysis of the script was not waited for")
}

// begin makes the caller the one who analyses a script, unless somebody does.
func (c *verdicts) begin(key scriptKey) (done chan struct{}, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, busy := c.pending[key]; busy {
		return done, false
	}
	done = make(chan struct{})
	c.pending[key] = done
	return done, true
}

func (c *verdicts) finish(key scriptKey, done chan struct{}, analyse func() (*verdict, error)) (v *verdict, err error) {
	defer func() { // also when it panics
		c.mu.Lock()
		delete(c.pending, key)
		if v != nil && err == nil {
			v.until = c.clock.Now().Add(c.ttl)
			c.keep(key, v)
		}
		c.mu.Unlock()
		close(done)
	}()
	return analyse()
}

// keep stores a verdict and makes room for it.
func (c *verdicts) keep(key scriptKey, v *verdict) {
	c.drop(key)
	if len(c.known) >= maxVerdicts || c.bytes+v.bytes > maxVerdictBytes {
		c.makeRoom(v.bytes)
	}
	c.known[key] = v
	c.bytes += v.bytes
}

// makeRoom drops what is out of date, and whatever else has to go.
func (c *verdicts) makeRoom(bytes int) {
	now := c.clock.Now()
	for key, v := range c.known {
		if !now.Before(v.until) {
			c.drop(key)
		}
	}
	for key := range c.known {
		if len(c.known) < maxVerdicts && c.bytes+bytes <= maxVerdictBytes {
			return
		}
		c.drop(key)
	}
}

func (c *verdicts) drop(key scriptKey) {
	if v, ok := c.known[key]; ok {
		c.bytes -= v.bytes
		delete(c.known, key)
	}
}
