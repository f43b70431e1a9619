package worker

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// failure remembers processes that did not start, one after the other.
type failure struct {
	count int
	err   *fault.Fault
	until time.Time // no new attempt before
}

const (
	firstPause = 20 * time.Millisecond
	lastPause  = 5 * time.Second
)

func (f *failure) add(err *fault.Fault) {
	f.count++
	f.err = err
	f.until = time.Now().Add(f.delay())
}

// delay doubles with every failure.
func (f *failure) delay() time.Duration {
	if f.count == 0 {
		return 0
	}
	return min(firstPause<<min(f.count-1, 10), lastPause)
}

// pause is how long to wait before the next attempt.
func (f *failure) pause() time.Duration {
	if f.count == 0 {
		return 0
	}
	return max(time.Until(f.until), 0)
}

// toleratedFailures may be accidents: processes can be killed while they start.
const toleratedFailures = 4

// recent is why processes do not start at the moment; nil when they may, or it is
// time to try again.
func (f *failure) recent() error {
	if f.count <= toleratedFailures || time.Now().After(f.until) {
		return nil
	}
	return f.err
}

func unstartable(err error) *fault.Fault {
	return fault.Wrap(err, fault.Unavailable, "the processes that run scripts do not start; the log says why").Retry(1)
}
