package ports

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Observer is told what happened; it must not block.
type Observer interface {
	// RequestDone reports an answered HTTP request. route is a pattern, never a
	// raw path.
	RequestDone(method, route string, status int, took time.Duration)
	// RunDone reports a finished run.
	RunDone(workflow string, status RunStatus, took time.Duration)
	// NodeDone reports a visited node; code is empty on success.
	NodeDone(nodeType string, code fault.Code, took time.Duration)
	// Dropped counts things given up under load, such as "run_records".
	Dropped(what string, n int)
	// Scripts reports how many scripts run and how many could.
	Scripts(active, capacity int)
}
