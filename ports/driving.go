package ports

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// Endpoints serves the paths that workflows declare.
type Endpoints interface {
	// Serve routes a request to its workflow and waits for the answer. Code
	// not_found when no route matches, method_not_allowed when only the method
	// does not; the latter's fault lists the allowed methods in Field.
	Serve(ctx context.Context, in *Inbound) (Outbound, error)
}

// Execution is the result of running a workflow through the API.
type Execution struct {
	RunID     string
	Output    payload.Value
	Millis    int64
	Allowance policy.Allowance // of the workflow's own limit; zero = it has none
}

// Executor runs a workflow by id.
type Executor interface {
	// Execute starts at the named start node, or at the only or first one when
	// start is empty, and waits for the answer. Even with an error the RunID is
	// set once the run has begun.
	Execute(ctx context.Context, id, start string, input payload.Value, in *Inbound) (Execution, error)
}

// WorkflowInfo describes a published workflow.
type WorkflowInfo struct {
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty"`
	Version  int      `json:"version"`
	Nodes    int      `json:"nodes"`
	Routes   []string `json:"routes"` // such as "POST /orders/:id"
	Warnings []string `json:"warnings,omitempty"`
	// Problem is set when the stored document cannot be served.
	Problem string `json:"problem,omitempty"`
}

// Publisher changes and shows what is published.
type Publisher interface {
	// Publish validates a document and makes it the active version of id. All
	// faults come back at once as a fault.List; a route that another workflow
	// owns is code conflict. expected is as in WorkflowWriter.
	Publish(ctx context.Context, id string, document []byte, expected int, author string) (WorkflowInfo, error)
	// Activate makes an older version the active one.
	Activate(ctx context.Context, id string, version, expected int) (WorkflowInfo, error)
	// Withdraw removes a workflow and its routes.
	Withdraw(ctx context.Context, id string, expected int) error
	// Document returns a version as it was given; 0 = the active one.
	Document(ctx context.Context, id string, version int) (Workflow, error)
	// Versions lists the history; code not_found for an unknown workflow.
	Versions(ctx context.Context, id string) ([]VersionInfo, error)
}

// Catalog lists what is published.
type Catalog interface {
	// Workflows lists up to limit workflows with ids after the cursor, by id.
	Workflows(after string, limit int) []WorkflowInfo
}

// RunLog shows recent runs.
type RunLog interface {
	Runs(ctx context.Context, f RunFilter) ([]RunRecord, error)
	Run(ctx context.Context, id string) (RunRecord, error)
}

// Scope is what a token may do.
type Scope string

// The scopes; admin includes the others.
const (
	ScopeRun   Scope = "run"
	ScopeRead  Scope = "read"
	ScopeAdmin Scope = "admin"
)

// Caller is who a token stands for.
type Caller struct {
	Name      string           // of the token
	Allowance policy.Allowance // of the token's own limit; zero = it has none
}

// Authenticator checks bearer tokens.
type Authenticator interface {
	// Authenticate returns who calls. Code unauthenticated for a missing or unknown
	// token, forbidden when it lacks the scope, limit_exceeded with RetryAfter when
	// it was used too often; the Caller is filled then, too.
	Authenticate(ctx context.Context, bearer string, scope Scope) (Caller, error)
}

// Report is the outcome of checking a document.
type Report struct {
	Faults   fault.List
	Warnings fault.List
}

// HealthStatus is how the runtime is doing as a whole.
type HealthStatus string

// The statuses.
const (
	Healthy   HealthStatus = "healthy"
	Degraded  HealthStatus = "degraded"  // it serves, but a part is away
	Unhealthy HealthStatus = "unhealthy" // it cannot do its work
)

// HealthReport is the state of the runtime and its parts.
type HealthReport struct {
	Status  HealthStatus
	Checks  map[string]string // part -> "ok" or what is wrong, without secrets
	Uptime  string
	Version string
	Unix    int64 // seconds
}

// Health reports on the runtime.
type Health interface {
	Health(ctx context.Context) HealthReport
	// Ready is false while starting and during shutdown.
	Ready() bool
}
