package ports

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Event is something that is only counted.
type Event string

// The events, with what their labels say.
const (
	Dropped        Event = "dropped"         // given up under load: what, such as "run_records"
	RateLimited    Event = "rate_limited"    // a request refused, as there were too many: the limit's configuration key
	RateUnknown    Event = "rate_unknown"    // a request whose rate nobody could tell: the limit's configuration key
	ScriptAnalyzed Event = "script_analyzed" // checked by the static analysis: "clean", "warned" or "blocked"
	ScriptBlocked  Event = "script_blocked"  // kept from running: the rule
	ScriptStopped  Event = "script_stopped"  // by a limit: its configuration key
	WorkerKilled   Event = "worker_killed"   // a child process, by us: the limit's configuration key, or "cancelled"
	WorkerLost     Event = "worker_lost"     // a child process, not by us: "running" or "idle"
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
	// Counted adds to the count of an event; label tells its kinds apart.
	Counted(event Event, label string, n int)
	// Scripts reports how many scripts run and how many could.
	Scripts(active, capacity int)
}
