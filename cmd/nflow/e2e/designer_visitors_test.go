//go:build unix

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestDesignerManyVisitors has many people in the middle of the same form, and
// each gets to the end with nobody else's answers.
func TestDesignerManyVisitors(t *testing.T) {
	onEveryDesignerDatabase(t, func(t *testing.T, a *application) {
		const visitors = 20
		pages := make([]page, visitors)
		for n := range pages {
			pages[n] = newBrowser(t, a.base).get("/pepe11").want(http.StatusOK, "Paso 1")
		}
		for _, step := range []struct {
			fields func(n int) []string
			title  string
		}{
			{func(n int) []string { return []string{"nombre", fmt.Sprintf("visitor-%d.", n)} }, "Paso 2"},
			{func(n int) []string { return []string{"tipo", "mail", "mail", fmt.Sprintf("v%d@example.com", n)} }, "Paso 3 - Mail"},
			{func(int) []string { return []string{"codigo", "1111"} }, "Paso 4"},
			{func(n int) []string { return []string{"cantidad", fmt.Sprintf("%d", 1000+n), "cuotas", "1"} }, "{"},
		} {
			for n := range pages {
				pages[n] = pages[n].submit(step.fields(n)...).want(http.StatusOK, step.title)
			}
		}
		for n, last := range pages {
			for _, own := range []string{"visitor-%d.", "v%d@example.com"} {
				last.want(http.StatusOK, fmt.Sprintf(own, n))
			}
			last.want(http.StatusOK, fmt.Sprintf(`"cantidad":"%d"`, 1000+n))
			if strings.Count(last.body, "visitor-") != 1 {
				t.Errorf("visitor %d reads of others: %s", n, last.body)
			}
		}
	})
}
