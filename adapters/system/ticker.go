package system

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Ticker = Clock{}

// Tick delivers every so often until stop is called.
func (Clock) Tick(every time.Duration) (ticks <-chan time.Time, stop func()) {
	t := time.NewTicker(every)
	return t.C, t.Stop
}
