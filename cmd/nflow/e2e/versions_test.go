//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// TestPutsWithTheSameIfMatch lets two writers replace the same version at once:
// one wins, the other is told.
func TestPutsWithTheSameIfMatch(t *testing.T) {
	p := serve(t, t.TempDir(), "")
	p.publish("shared", "return 'zero';")
	const path = "/api/admin/workflows/shared"
	for round := range 20 {
		tag := p.admin(http.MethodGet, path, "").want(http.StatusOK, "").header.Get("ETag")
		if tag == "" {
			t.Fatal("the document has no ETag")
		}
		var both sync.WaitGroup
		var status [2]int
		for writer := range 2 {
			body := scripted("shared", fmt.Sprintf("return 'round %d writer %d';", round, writer))
			r := adminRequest(t, http.MethodPut, p.base+path, body, "If-Match", tag)
			both.Go(func() {
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				_ = answer.Body.Close()
				status[writer] = answer.StatusCode
			})
		}
		both.Wait()
		winner := 0
		if status[1] == http.StatusOK {
			winner = 1
		}
		if status[winner] != http.StatusOK || status[1-winner] != http.StatusPreconditionFailed {
			t.Fatalf("round %d: the writers got %v, want one 200 and one 412", round, status)
		}
		newBrowser(t, p.base).get("/shared").want(http.StatusOK, fmt.Sprintf("round %d writer %d", round, winner))
	}
	p.stop()
}
