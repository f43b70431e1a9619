package http

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// problem is an RFC 9457 document. Instance names the request, not its path,
// which may hold somebody's secret.
type problem struct {
	Type     string     `json:"type"` // urn:nflow:problem:<code>
	Title    string     `json:"title"`
	Status   int        `json:"status"`
	Detail   string     `json:"detail"`
	Instance string     `json:"instance"` // urn:nflow:request:<X-Request-Id>
	Code     fault.Code `json:"code"`
	place
	Errors []problemItem `json:"errors,omitempty"` // when there are several faults

	RunID         string `json:"run_id,omitempty"`
	Success       *bool  `json:"success,omitempty"`        // false, on /api/workflow only
	ExecutionTime *int64 `json:"execution_time,omitempty"` // ms, on /api/workflow only
}

// problemItem is one of several faults.
type problemItem struct {
	Code   fault.Code `json:"code"`
	Detail string     `json:"detail"`
	place
}

// place is where a fault happened, as far as it is known.
type place struct {
	Workflow string `json:"workflow,omitempty"`
	Node     string `json:"node,omitempty"`
	Field    string `json:"field,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Limit    string `json:"limit,omitempty"`
	Rule     string `json:"rule,omitempty"`
	// Plugin is what a plugin said of its failure: plugin, code, retryable, details.
	Plugin json.RawMessage `json:"plugin,omitempty"`
}

// fail answers with a fault, or with nothing when nobody waits any more.
func (ex *exchange) fail(err error) {
	ctx := ex.r.Context()
	stopping := errors.Is(context.Cause(ctx), errStopping)
	if ex.left || ctx.Err() != nil && !stopping && !ex.late {
		ex.abort(statusClientGone)
	}
	if stopping {
		err = fault.Wrap(err, fault.Cancelled, "the server is stopping; try again")
	}
	faults := faultsOf(err)
	main := mainFault(faults)
	status, _ := ex.statusOf(main)
	ex.report(err, main, status)
	if ex.status != 0 { // too late for another answer
		panic(http.ErrAbortHandler)
	}
	header := ex.Header()
	if main.Code == fault.MethodNotAllowed && main.Field != "" {
		header.Set("Allow", printable(main.Field))
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests && !ex.s.cfg.NoRetryAfter {
		header.Set("Retry-After", strconv.Itoa(max(main.RetryAfter, 1)))
	}
	if stopping {
		ex.closeAfter()
	}
	ex.writeProblem(status, ex.problem(main, faults, status))
	ex.linger()
}

// faultsOf is every fault in err.
func faultsOf(err error) fault.List {
	var l fault.List
	if errors.As(err, &l) && len(l) > 0 {
		return l
	}
	return fault.List{fault.As(err)}
}

// mainFault decides the status of several faults: an invalid document stays
// invalid whatever else is wrong with it.
func mainFault(faults fault.List) *fault.Fault {
	for _, f := range faults {
		if f.Code == fault.Invalid {
			return f
		}
	}
	return faults[0]
}

func (ex *exchange) problem(main *fault.Fault, faults fault.List, status int) problem {
	_, title := ex.statusOf(main)
	p := problem{
		Type:     "urn:nflow:problem:" + string(main.Code),
		Title:    title,
		Status:   status,
		Detail:   ex.detail(main),
		Instance: "urn:nflow:request:" + ex.id,
		Code:     main.Code,
		place:    placeOf(main),
		RunID:    ex.runID,
	}
	if len(faults) > 1 {
		p.Detail = strconv.Itoa(len(faults)) + " faults were found"
		p.place = place{Workflow: main.Workflow}
		for _, f := range faults {
			p.Errors = append(p.Errors, problemItem{Code: f.Code, Detail: ex.detail(f), place: placeOf(f)})
		}
	}
	if ex.call {
		failed, millis := false, time.Since(ex.started).Milliseconds()
		p.Success, p.ExecutionTime = &failed, &millis
	}
	return p
}

// detail is the fault's message; an internal fault shows only what to quote to
// the operator, who finds the rest in the log.
func (ex *exchange) detail(f *fault.Fault) string {
	if f.Code != fault.Internal {
		return f.Message
	}
	if ex.runID != "" {
		return "the server failed; its log has more under run " + ex.runID
	}
	return "the server failed; its log has more under request " + ex.id
}

func placeOf(f *fault.Fault) place {
	p := place{Workflow: f.Workflow, Node: f.Node, Field: f.Field, Line: f.Line, Column: f.Column, Limit: f.Limit, Rule: f.Rule, Plugin: json.RawMessage(f.Detail)}
	if f.Code == fault.MethodNotAllowed { // Field is the Allow header
		p.Field = ""
	}
	return p
}

func (ex *exchange) writeProblem(status int, p problem) {
	body, err := json.Marshal(p)
	if err != nil { // strings and numbers always encode
		body = []byte(`{"status":500,"code":"internal"}`)
	}
	ex.ownHeaders("application/problem+json")
	ex.send(status, body)
}
