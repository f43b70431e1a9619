//go:build linux

package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
	"github.com/arturoeanton/nflow-runtime/internal/redistest"
)

// TestStateSessions has visitors of a designer's application go from one server to
// the other and back: a login and a form in the middle are valid on both, a logout
// ends them on both. The sessions lie where auth.session_store says and nowhere
// else, and the cookie is closed to scripts and other sites.
func TestStateSessions(t *testing.T) {
	for _, store := range []string{"auto", "redis", "database"} {
		t.Run(store, func(t *testing.T) {
			dsn, redis := pgtest.DSN(t), redistest.Start(t)
			db := openSQL(t, "postgres", dsn)
			designerFixture{folder: "testdata/designer"}.build(t, db)
			servers := servePair(t, onDatabase(dsn).withRedis(redis).with("auth", fmt.Sprintf("session_store = %q", store)))
			one, two := servers[0].base, servers[1].base

			visitSharedForm(t, one, two)
			visitSharedForm(t, two, one)
			logInTwice(t, one, two)

			const ours = "SELECT count(*) FROM nf_sessions"
			inDatabase := !strings.Contains(dump(t, db, ours), "{String:0 ")
			inRedis := redis.Do(t, "KEYS", "nflow:session:*") != ""
			if inDatabase == inRedis || inDatabase != (store == "database") {
				t.Errorf("sessions in the database: %v, in Redis: %v", inDatabase, inRedis)
			}
			for _, key := range strings.Split(redis.Do(t, "KEYS", "*"), "\n") { // modules are cached there in any case
				if !strings.HasPrefix(key, "nflow:") {
					t.Errorf("the key %q does not begin with redis.key_prefix", key)
				}
				if redis.Do(t, "PTTL", key) == "-1" {
					t.Errorf("the key %q never expires", key)
				}
			}
			end(t, servers[:]...)
		})
	}
}

// visitSharedForm logs in on one server and fills in a form of two pages on both.
func visitSharedForm(t *testing.T, one, two string) {
	t.Helper()
	b := newBrowser(t, one)
	b.get("/home").wantPath("/nflow_login").want(http.StatusOK, "password")
	before := *b.cookie
	b.base = two
	home := b.get("/nflow_login").submit("username", "user1", "password", "1").followScript().wantPath("/home").
		want(http.StatusOK, "Paso 1").want(http.StatusOK, "<p>user1</p>")
	if b.cookie.Value == before.Value {
		t.Error("the login kept the session's id")
	}
	for _, c := range []*http.Cookie{&before, b.cookie} {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge <= 0 || c.Secure || c.Name != "nflow_session" {
			t.Errorf("the session cookie is %s", c)
		}
	}
	b.base = one
	b.get("/home").wantPath("/home").want(http.StatusOK, "<p>user1</p>")
	second := home.submit("nombre", "Ana").want(http.StatusOK, "Paso 2")
	b.base = two
	second.submit("tipo", "mail", "mail", "ana@example.com").want(http.StatusOK, "Paso 3 - Mail")

	b.base = one
	b.get("/logout").want(http.StatusOK, "logout")
	b.base = two
	b.get("/home").wantPath("/nflow_login")
}

// logInTwice: the logout of one browser is nobody else's, and a cookie from before
// a logout opens nothing on the other server.
func logInTwice(t *testing.T, one, two string) {
	t.Helper()
	leaves, stays := newBrowser(t, one), newBrowser(t, two)
	for _, b := range []*browser{leaves, stays} {
		b.get("/home").wantPath("/nflow_login").submit("username", "user1", "password", "1").followScript().want(http.StatusOK, "Paso 1")
	}
	old := *leaves.cookie
	leaves.get("/logout").want(http.StatusOK, "logout")
	a := &application{process: &process{t: t, base: two}}
	if answer := a.withCookie(old); !strings.Contains(answer.Request.URL.Path, "nflow_login") {
		t.Errorf("a cookie from before the logout opens %s on the other server", answer.Request.URL)
	}
	stays.base = one
	stays.get("/home").wantPath("/home").want(http.StatusOK, "<p>user1</p>")
}
