package process

import (
	"slices"
	"time"
)

// record decides after each fault of a plugin when, and whether, it is started
// again.
type record struct {
	cfg    Config
	faults []time.Time // within the window
	streak int         // without a healthy process between
}

// add records a fault of a process that lived so long. Without again there is
// no further start.
func (r *record) add(now time.Time, lived time.Duration) (wait time.Duration, again bool) {
	r.faults = slices.DeleteFunc(r.faults, func(t time.Time) bool { return now.Sub(t) > r.cfg.FaultWindow })
	r.faults = append(r.faults, now)
	if len(r.faults) >= r.cfg.MaxFaults {
		return 0, false
	}
	if lived >= r.cfg.Healthy {
		r.streak = 0
	}
	wait = r.cfg.Backoff
	for range r.streak {
		if wait >= r.cfg.MaxBackoff {
			break
		}
		wait *= 2
	}
	r.streak++
	return min(wait, r.cfg.MaxBackoff), true
}
