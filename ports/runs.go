package ports

import (
	"context"
	"time"
)

// RunStatus is how a run stands.
type RunStatus string

// The statuses.
const (
	RunSucceeded RunStatus = "success"
	RunFailed    RunStatus = "error"
	RunCancelled RunStatus = "cancelled"
	RunParked    RunStatus = "parked" // waits for a form
)

// RunRecord says what one run did.
type RunRecord struct {
	ID        string       `json:"id"`
	Workflow  string       `json:"workflow"`
	Version   int          `json:"version"`
	Status    RunStatus    `json:"status"`
	Trigger   string       `json:"trigger"` // such as "POST /orders/:id" or "api"
	Started   time.Time    `json:"started"`
	Duration  float64      `json:"duration_ms"`
	Steps     int          `json:"steps"` // nodes visited; Nodes may be shorter
	Nodes     []NodeRecord `json:"nodes,omitempty"`
	ErrorCode string       `json:"error_code,omitempty"`
	Error     string       `json:"error,omitempty"`
	ErrorNode string       `json:"error_node,omitempty"`
}

// NodeRecord says what one visit of a node did.
type NodeRecord struct {
	Flow     string  `json:"flow,omitempty"`
	Node     string  `json:"node"`
	Label    string  `json:"label,omitempty"`
	Type     string  `json:"type"`
	Offset   float64 `json:"offset_ms"` // since the start of the run
	Duration float64 `json:"duration_ms"`
	Output   string  `json:"output,omitempty"` // the output it took
	Error    string  `json:"error,omitempty"`
}

// RunFilter selects run records, newest first.
type RunFilter struct {
	Workflow string    // empty = all
	Status   RunStatus // empty = all
	Before   string    // id; only older ones
	Limit    int       // 1 to 1,000
}

// RunStore keeps the recent runs of each workflow.
type RunStore interface {
	// AppendRuns stores records, all or none. A record with a known id replaces
	// the older one.
	AppendRuns(ctx context.Context, records []RunRecord) error
	// Runs lists records without their Nodes.
	Runs(ctx context.Context, f RunFilter) ([]RunRecord, error)
	// Run returns one record whole; code not_found.
	Run(ctx context.Context, id string) (RunRecord, error)
	// PruneRuns keeps the newest records of a workflow, or of each when workflow is
	// empty, and deletes others, at most so many. It says how many; fewer than most
	// means that it is done.
	PruneRuns(ctx context.Context, workflow string, keep, most int) (int, error)
	// PruneRunsBefore deletes the oldest records that started before a time, at most
	// so many, and says how many. Fewer than most means that it is done.
	PruneRunsBefore(ctx context.Context, before time.Time, most int) (int, error)
}
