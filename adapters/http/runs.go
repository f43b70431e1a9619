package http

import (
	"net/http"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// maxRunPage is the most runs one answer lists, the bound of ports.RunFilter.
const maxRunPage = 1000

type runPage struct {
	Runs []ports.RunRecord `json:"runs"`
	Next string            `json:"next,omitempty"` // to be sent as before; missing when the page is not full
}

// listRuns is GET /api/admin/runs, newest first.
func listRuns(ex *exchange) error {
	query, err := ex.queryOf("workflow", "status", "limit", "before")
	if err != nil {
		return err
	}
	limit, err := number(query, "limit", defaultPage, 1, maxRunPage)
	if err != nil {
		return err
	}
	status := ports.RunStatus(query.Get("status"))
	known := []ports.RunStatus{"", ports.RunSucceeded, ports.RunFailed, ports.RunCancelled, ports.RunParked}
	if !slices.Contains(known, status) {
		return fault.New(fault.Malformed, "status must be one of %s, %s, %s, %s",
			ports.RunSucceeded, ports.RunFailed, ports.RunCancelled, ports.RunParked).AtField("status")
	}
	runs, err := ex.s.deps.RunLog.Runs(ex.r.Context(), ports.RunFilter{
		Workflow: query.Get("workflow"),
		Status:   status,
		Before:   query.Get("before"),
		Limit:    limit,
	})
	if err != nil {
		return err
	}
	page := runPage{Runs: runs}
	if len(runs) == limit {
		page.Next = runs[limit-1].ID
	}
	if page.Runs == nil {
		page.Runs = []ports.RunRecord{}
	}
	return ex.json(http.StatusOK, page)
}

// getRun is GET /api/admin/runs/{id}.
func getRun(ex *exchange) error {
	run, err := ex.s.deps.RunLog.Run(ex.r.Context(), ex.vars["id"])
	if err != nil {
		return err
	}
	return ex.json(http.StatusOK, run)
}
