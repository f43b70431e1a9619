package policy

import "time"

// Limits bounds one run.
type Limits struct {
	Steps         int           // nodes visited in one run
	ScriptTime    time.Duration // wall clock of one script
	RunTime       time.Duration // wall clock of a whole run
	Operations    int           // loop turns and calls of one script; 0 = not counted
	MemoryBytes   int64         // what one script may add to its process; only child processes bind it; 0 = unbounded
	CallDepth     int           // nested JavaScript calls
	PayloadBytes  int           // size of the payload between two nodes
	ResponseBytes int           // size of what one outbound call may return
	Rows          int           // rows of one query
	LogLines      int           // console lines of one script
	LogBytes      int           // console output of one script
	HostCalls     int           // calls of one script to functions of the host
}

// DefaultLimits are used where the configuration is silent.
func DefaultLimits() Limits {
	return Limits{
		Steps:         10_000,
		ScriptTime:    30 * time.Second,
		RunTime:       5 * time.Minute,
		Operations:    10_000_000,
		MemoryBytes:   128 << 20,
		CallDepth:     1_000,
		PayloadBytes:  16 << 20,
		ResponseBytes: 16 << 20,
		Rows:          10_000,
		LogLines:      1_000,
		LogBytes:      1 << 20,
		HostCalls:     10_000,
	}
}

// Filled returns the limits of one script with the default where one is not set:
// no script runs without bounds by oversight. Operations and MemoryBytes may be
// left unbounded.
func (l Limits) Filled() Limits {
	d := DefaultLimits()
	if l.ScriptTime <= 0 {
		l.ScriptTime = d.ScriptTime
	}
	fill := func(v *int, otherwise int) {
		if *v <= 0 {
			*v = otherwise
		}
	}
	fill(&l.CallDepth, d.CallDepth)
	fill(&l.PayloadBytes, d.PayloadBytes)
	fill(&l.LogLines, d.LogLines)
	fill(&l.LogBytes, d.LogBytes)
	fill(&l.HostCalls, d.HostCalls)
	return l
}
