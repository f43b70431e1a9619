//go:build unix

package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const nextField = "nflow_next_node_run"

// TestDesignerSession checks the cookie, that a login renews it, and that it
// outlives the server.
func TestDesignerSession(t *testing.T) {
	onEveryDesignerDatabase(t, func(t *testing.T, a *application) {
		b := newBrowser(t, a.base)
		form := b.get("/home").wantPath("/nflow_login")
		before := *b.cookie
		if !before.HttpOnly || before.SameSite != http.SameSiteLaxMode || before.Path != "/" || before.MaxAge <= 0 || before.Secure {
			t.Errorf("the session cookie is %s", before.String())
		}
		home := form.submit("username", "user1", "password", "1").followScript().wantPath("/home").want(http.StatusOK, "Paso 1")
		if b.cookie.Value == before.Value {
			t.Error("the login kept the session's id")
		}
		if answer := a.withCookie(before); !strings.Contains(answer.Request.URL.Path, "nflow_login") {
			t.Errorf("the cookie from before the login opens %s", answer.Request.URL)
		}
		forged := *b.cookie
		middle := []byte(forged.Value)
		middle[len(middle)/2] ^= 1 // a letter or digit stays one that a cookie may hold
		forged.Value = string(middle)
		if answer := a.withCookie(forged); !strings.Contains(answer.Request.URL.Path, "nflow_login") {
			t.Errorf("a changed cookie opens %s", answer.Request.URL)
		}

		a.stop()
		a.process = serve(t, a.folder, a.config)
		_, action, fields := home.form()
		fields.Set("nombre", "Ana")
		b.base = a.base
		b.post(action.RequestURI(), fields).want(http.StatusOK, "Paso 2").want(http.StatusOK, "<p>user1</p>")
	})
}

// withCookie opens /home with nothing but a cookie.
func (a *application) withCookie(c http.Cookie) *http.Response {
	a.t.Helper()
	b := newBrowser(a.t, a.base)
	place, err := url.Parse(a.base)
	if err != nil {
		a.t.Fatal(err)
	}
	b.client.Jar.SetCookies(place, []*http.Cookie{&c})
	p := b.get("/home")
	return &http.Response{StatusCode: p.status, Request: &http.Request{URL: p.at}}
}

// TestDesignerForgedNode asks for nodes that no form of the visitor leads to.
func TestDesignerForgedNode(t *testing.T) {
	onEveryDesignerDatabase(t, func(t *testing.T, a *application) {
		done := a.fixture.nodeNamed(t, "done")
		forged := url.Values{nextField: {done}, "nombre": {"Eva"}}
		stranger := newBrowser(t, a.base)
		stranger.post("/home", forged).want(http.StatusConflict, "no form is waiting")
		stranger.post("/nftk/", forged).want(http.StatusConflict, "no form is waiting")
		stranger.get("/home/nftk/x/nfnext/"+done).want(http.StatusConflict, "no form is waiting")

		waiting := newBrowser(t, a.base)
		form := waiting.get("/nflow_login").want(http.StatusOK, "password")
		for _, node := range []string{done, "no-such-node"} {
			waiting.post("/nflow_login", url.Values{nextField: {node}}).want(http.StatusForbidden, "does not belong")
			waiting.post("/nftk/", url.Values{nextField: {node}}).want(http.StatusForbidden, "does not belong")
			waiting.post("/nflow/node/run/Home/"+node, nil).want(http.StatusForbidden, "does not belong")
		}
		form.submit("username", "user1", "password", "1").want(http.StatusOK, "<script>")

		out := newBrowser(t, a.base) // a form behind a login is no way around it
		first := a.login(out, "user1", "1").followScript().want(http.StatusOK, "Paso 1")
		out.get("/logout").want(http.StatusOK, "logout")
		if p := first.submit("nombre", "Eva"); strings.Contains(p.body, "Paso 2") {
			t.Errorf("after the logout the form goes on at %s", p.at)
		}
	})
}

// nodeNamed is the id of the node the designer shows under a name.
func (f designerFixture) nodeNamed(t *testing.T, name string) string {
	t.Helper()
	var app struct {
		Drawflow map[string]struct {
			Data map[string]struct {
				Data struct {
					Name string `json:"name_box"`
				} `json:"data"`
			} `json:"data"`
		} `json:"drawflow"`
	}
	if err := json.Unmarshal([]byte(f.read(t, "app.json")), &app); err != nil {
		t.Fatal(err)
	}
	for _, sheet := range app.Drawflow {
		for id, n := range sheet.Data {
			if n.Data.Name == name {
				return id
			}
		}
	}
	t.Fatalf("no node is called %q", name)
	return ""
}
