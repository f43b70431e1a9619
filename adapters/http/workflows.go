package http

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// maxWorkflowPage is the most workflows one answer lists.
const maxWorkflowPage = 500

type workflowPage struct {
	Workflows []ports.WorkflowInfo `json:"workflows"`
	Next      string               `json:"next,omitempty"` // cursor; missing on the last page
}

// listWorkflows is GET /api/admin/workflows.
func listWorkflows(ex *exchange) error {
	query, err := ex.queryOf("limit", "cursor")
	if err != nil {
		return err
	}
	limit, err := number(query, "limit", defaultPage, 1, maxWorkflowPage)
	if err != nil {
		return err
	}
	after, err := decodeCursor(query.Get("cursor"))
	if err != nil {
		return err
	}
	list := ex.s.deps.Catalog.Workflows(after, limit+1) // one more shows whether there is more
	page := workflowPage{Workflows: list}
	if len(list) > limit {
		page.Workflows = list[:limit]
		page.Next = encodeCursor(list[limit-1].ID)
	}
	if page.Workflows == nil {
		page.Workflows = []ports.WorkflowInfo{}
	}
	return ex.json(http.StatusOK, page)
}

// getDocument is GET /api/admin/workflows/{id}: the document as it was given.
func getDocument(ex *exchange) error {
	query, err := ex.queryOf("version")
	if err != nil {
		return err
	}
	version, err := number(query, "version", 0, 1, 1<<31-1)
	if err != nil {
		return err
	}
	w, err := ex.s.deps.Publisher.Document(ex.r.Context(), ex.vars["id"], version)
	if err != nil {
		return err
	}
	tag := etag(w.Version)
	ex.Header().Set("ETag", tag)
	if given := ex.r.Header.Get("If-None-Match"); given != "" && tagged(given, tag) {
		ex.send(http.StatusNotModified, nil)
		return nil
	}
	ex.raw(http.StatusOK, "application/json", w.Document)
	return nil
}

// tagged reports whether an If-None-Match of a GET names the tag.
func tagged(list, tag string) bool {
	for _, item := range strings.Split(list, ",") {
		item = strings.TrimSpace(item)
		if item == "*" || strings.TrimPrefix(item, "W/") == tag {
			return true
		}
	}
	return false
}

// putDocument is PUT /api/admin/workflows/{id}: 201 for a new workflow, 200 for
// a new version.
func putDocument(ex *exchange) error {
	if err := ex.requireJSON(); err != nil {
		return err
	}
	document, err := ex.body()
	if err != nil {
		return err
	}
	id := ex.vars["id"]
	expected, exists, err := ex.publication(id)
	if err != nil {
		return err
	}
	info, err := ex.s.deps.Publisher.Publish(ex.r.Context(), id, document, expected, ex.subject)
	if err != nil {
		return err
	}
	ex.Header().Set("ETag", etag(info.Version))
	if exists {
		return ex.json(http.StatusOK, info)
	}
	ex.Header().Set("Location", workflowsPath+"/"+url.PathEscape(id))
	return ex.json(http.StatusCreated, info)
}

// deleteWorkflow is DELETE /api/admin/workflows/{id}.
func deleteWorkflow(ex *exchange) error {
	expected, err := changeOf(ex.r.Header)
	if err != nil {
		return err
	}
	if err := ex.s.deps.Publisher.Withdraw(ex.r.Context(), ex.vars["id"], expected); err != nil {
		return err
	}
	return ex.noContent()
}
