//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestStateSessionOfManyTabs has one visitor's browser ask both servers for sixteen
// pages at once, ten times, each of which writes a part of the session of its own:
// every page is answered, and nothing that one wrote is lost to another.
func TestStateSessionOfManyTabs(t *testing.T) {
	const tabs, rounds = 16, 10
	for _, store := range []string{"redis", "database"} {
		t.Run(store, func(t *testing.T) {
			servers := servePair(t, onPostgresAndRedis.settings(t).with("auth", fmt.Sprintf("session_store = %q", store)))
			servers[0].admin(http.MethodPut, "/api/admin/workflows/write", `{
				"start": {"data": {"type": "httpstart", "path": "/write/:tab/:round"}, "outputs": {"output": {"connections": [{"node": "js"}]}}},
				"js": {"data": {"type": "js", "script": "set_session('tabs', vars.tab, vars.round); return 'written';"}}}`).want(http.StatusCreated, "")
			publishOnBoth(t, servers, "read", fmt.Sprintf(
				"var all = []; for (var n = 0; n < %d; n++) { all.push(get_session('tabs', String(n))); } return all.join(' ');", tabs))
			visitor := newBrowser(t, servers[0].base)
			visitor.get("/write/0/start").want(http.StatusOK, "written")
			browser := &http.Client{Jar: visitor.client.Jar, Timeout: patience}
			for round := range rounds {
				var all sync.WaitGroup
				for tab := range tabs {
					address := fmt.Sprintf("%s/write/%d/%d", servers[tab%2].base, tab, round)
					all.Go(func() {
						answer, err := browser.Get(address)
						if err != nil {
							t.Error(err)
							return
						}
						if body := readAll(answer); answer.StatusCode != http.StatusOK {
							t.Errorf("%s: %d %s", address, answer.StatusCode, body)
						}
					})
				}
				all.Wait()
				visitor.base = servers[round%2].base
				want := strings.TrimSpace(strings.Repeat(fmt.Sprint(round, " "), tabs))
				if got := visitor.get("/read").want(http.StatusOK, "").body; got != want {
					t.Fatalf("the session holds %q, want %q", got, want)
				}
			}
			end(t, servers[:]...)
		})
	}
}
