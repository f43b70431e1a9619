//go:build unix

package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestDesignerUsersTable logs in with the passwords a designer's table holds: in
// plain text, and as a hash without salt. Both are upgraded beside the table.
func TestDesignerUsersTable(t *testing.T) {
	own := designerFixture{folder: "testdata/designer"}
	onEveryDesignerDatabase(t, func(t *testing.T, a *application) {
		db := openSQL(t, a.driver, a.dsn)
		const ours = "SELECT username, hash FROM nf_credentials ORDER BY username"
		a.login(newBrowser(t, a.base), "ana", "wrong").want(http.StatusOK, "Error Login")
		a.login(newBrowser(t, a.base), "nobody", "clave").want(http.StatusOK, "Error Login")
		a.login(newBrowser(t, a.base), "gone", "clave").want(http.StatusOK, "Error Login") // not active
		if rows := dump(t, db, ours); strings.Contains(rows, "$") {
			t.Fatalf("a wrong password was kept: %s", rows)
		}
		first := ""
		for round := range 2 { // the second login is answered by our own table
			for user, password := range map[string]string{"ana": "clave", "luis": "secreto"} {
				a.login(newBrowser(t, a.base), user, password).want(http.StatusOK, "<script>").
					followScript().wantPath("/home").want(http.StatusOK, "<p>"+user+"</p>")
			}
			rows := dump(t, db, ours)
			if strings.Count(rows, "$argon2id$") != 2 || strings.Contains(rows, "clave") || strings.Contains(rows, "secreto") {
				t.Fatalf("the passwords are not kept as two argon2id hashes: %s", rows)
			}
			if round == 0 {
				first = rows
			} else if rows != first {
				t.Errorf("the second login hashed again:\n%s\n%s", first, rows)
			}
		}
		a.login(newBrowser(t, a.base), "ana", "wrong").want(http.StatusOK, "Error Login")

		const change = "UPDATE users SET password = $1 WHERE username = 'ana'" // as the designer does
		execSQL(t, db, change, "nueva")
		a.login(newBrowser(t, a.base), "ana", "clave").want(http.StatusOK, "Error Login")
		a.login(newBrowser(t, a.base), "ana", "nueva").want(http.StatusOK, "<script>")
		execSQL(t, db, change, "clave")
	}, own.read(t, "validate_login.js"))
}
