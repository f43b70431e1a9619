//go:build linux

package e2e

import (
	"net/http"
	"testing"
)

// TestStateStartTogether starts four servers at once on an empty database: all
// come up, whoever makes the tables, a workflow published on one is served by all,
// and a visitor's session is valid on each.
func TestStateStartTogether(t *testing.T) {
	for _, place := range []where{onSQLite, onPostgres} {
		t.Run(place.name, func(t *testing.T) {
			text := place.settings(t).text()
			servers := make([]*process, 4)
			for n := range servers {
				servers[n] = launch(t, t.TempDir(), text, "serve", "--address", "127.0.0.1:0")
			}
			for _, p := range servers {
				until(t, "the server is up", func() bool {
					select {
					case <-p.ended:
						t.Fatalf("a server ended at once, code %d:\n%s", p.exitCode(), p.stderr.String())
					default:
					}
					m := startedLine.FindStringSubmatch(p.stderr.String())
					if m != nil {
						p.base = m[1]
					}
					return m != nil
				})
			}
			servers[0].publish("visits", "var n = Number(get_session('me', 'n') || 0) + 1; set_session('me', 'n', n); return 'visit ' + n;")
			visitor := newBrowser(t, servers[0].base)
			for n, p := range servers {
				until(t, "the workflow is served", func() bool { return newBrowser(t, p.base).get("/visits").status == http.StatusOK })
				visitor.base = p.base
				visitor.get("/visits").want(http.StatusOK, "visit "+string(rune('1'+n)))
				visitor.get("/health").want(http.StatusOK, `"healthy"`)
			}
			end(t, servers...)
		})
	}
}
