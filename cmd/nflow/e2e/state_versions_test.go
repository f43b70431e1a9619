//go:build linux

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// version is what the API says of a version.
type version struct {
	Version int  `json:"version"`
	Active  bool `json:"active"`
	Bytes   int  `json:"bytes"`
}

// versions is the history of a workflow, newest first.
func (p *process) versions(id string) []version {
	p.t.Helper()
	var list struct {
		Versions []version `json:"versions"`
	}
	answer := p.admin(http.MethodGet, "/api/admin/workflows/"+id+"/versions", "").want(http.StatusOK, "versions")
	if err := json.Unmarshal([]byte(answer.body), &list); err != nil {
		p.t.Fatal(err)
	}
	return list.Versions
}

// putVersion publishes and returns the status and, for a success, the number of
// the version.
func putVersion(t *testing.T, base, id, document string) (status, version int) {
	answer, err := http.DefaultClient.Do(adminRequest(t, http.MethodPut, base+"/api/admin/workflows/"+id, document))
	if err != nil {
		return 0, 0
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, 0
	}
	version, _ = strconv.Atoi(strings.Trim(answer.Header.Get("ETag"), `"`)) // a failure has none
	return answer.StatusCode, version
}
