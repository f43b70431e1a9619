package child

import (
	"context"
	"sync"
)

// current is the script that runs now.
type current struct {
	mu     sync.Mutex
	busy   bool
	number int64
	gone   int64              // the highest number that was cancelled
	stop   context.CancelFunc // nil when it cannot be cancelled
}

func (c *current) begin(number int64, stop context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy, c.number, c.stop = true, number, stop
	if stop != nil && number <= c.gone {
		stop() // it was cancelled before it began
	}
}

// end forgets the script. It calls gone when one is still running.
func (c *current) end(gone func()) {
	c.mu.Lock()
	busy := c.busy
	c.busy, c.stop = false, nil
	c.mu.Unlock()
	if busy && gone != nil {
		gone()
	}
}

// cancel cancels the script with this number; one that ended meanwhile needs no
// cancelling.
func (c *current) cancel(number int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = max(c.gone, number)
	if c.busy && c.number == number && c.stop != nil {
		c.stop()
	}
}
