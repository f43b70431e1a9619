package sqlstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// reconnects is how often to try again after a connection was lost; the pauses
// between double and come to about 300 ms. A server that takes longer to restart
// is an outage, which whoever called should know of.
const (
	reconnects     = 4
	reconnectPause = 20 * time.Millisecond
)

// retry runs fn again while that may help: others are in its way, as another
// process that has locked the SQLite file; the connection was lost before fn
// could have changed anything; what was prepared no longer fits.
func (s *Store) retry(ctx context.Context, fn func() error) error {
	const pause = 5 * time.Millisecond // some locks are refused without the wait of the engine
	giveUp := time.Now().Add(s.busy)
	lost, stale := 0, 0
	for {
		err := fn()
		wait := pause
		switch {
		case err == nil:
			return nil
		case errors.As(err, new(uncertain)):
			return err
		case isBusy(err) || isRolledBack(err):
			if time.Now().After(giveUp) {
				return err
			}
		case isStale(err) && stale < 3:
			stale++
			wait = 0
		case isGone(err) && lost < reconnects:
			wait = reconnectPause << lost
			lost++
		default:
			return err
		}
		if !rest(ctx, wait) {
			return ctx.Err()
		}
	}
}

// rest waits about so long: those that were turned away together do not come back
// together. It gives false when ctx ends.
func rest(ctx context.Context, about time.Duration) bool {
	if about == 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(about/2 + rand.N(about)) //nolint:gosec // nobody gains by guessing it
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
