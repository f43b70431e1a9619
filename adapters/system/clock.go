package system

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Clock = Clock{}

// Clock is the clock of the machine.
type Clock struct{}

// NewClock returns the clock of the machine.
func NewClock() Clock { return Clock{} }

// Now returns the wall clock time with a monotonic reading.
func (Clock) Now() time.Time { return time.Now() }
