//go:build unix

package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// admin calls the API with the admin token. Headers are given in pairs.
func (p *process) admin(method, path, body string, headers ...string) page {
	p.t.Helper()
	return newBrowser(p.t, p.base).do(adminRequest(p.t, method, p.base+path, body, headers...))
}

func adminRequest(t *testing.T, method, address, body string, headers ...string) *http.Request {
	t.Helper()
	r := request(t, method, address, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+adminToken)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// publish stores a workflow that answers a GET of its path with a script.
func (p *process) publish(id, script string) {
	p.t.Helper()
	p.admin(http.MethodPut, "/api/admin/workflows/"+id, scripted(id, script)).want(http.StatusCreated, "")
}

// scripted is a workflow with one script behind /ID.
func scripted(id, script string) string {
	quoted, _ := json.Marshal(script) // a text is always valid
	return `{"start": {"data": {"type": "httpstart", "path": "/` + id + `"},
		"outputs": {"output": {"connections": [{"node": "work"}]}}},
		"work": {"data": {"type": "js", "script": ` + string(quoted) + `}}}`
}

// runRecord is what the API says of a run.
type runRecord struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Error  string `json:"error"`
}

func (p *process) runs(query string) []runRecord {
	p.t.Helper()
	var list struct {
		Runs []runRecord `json:"runs"`
	}
	answer := p.admin(http.MethodGet, "/api/admin/runs?"+query, "").want(http.StatusOK, "runs")
	if err := json.Unmarshal([]byte(answer.body), &list); err != nil {
		p.t.Fatal(err)
	}
	return list.Runs
}

// countLog counts the lines of the log with a text.
func countLog(p *process, text string) int { return strings.Count(p.stderr.String(), text) }
