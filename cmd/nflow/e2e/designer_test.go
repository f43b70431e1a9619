//go:build unix

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// application is a designer's application being served.
type application struct {
	*process

	fixture     designerFixture
	folder      string
	config      string
	driver, dsn string
}

// onEveryDesignerDatabase runs a test for each application on each kind of
// database, and checks that the designer's tables stay as they were.
func onEveryDesignerDatabase(t *testing.T, test func(*testing.T, *application), changes ...string) {
	t.Helper()
	for _, fixture := range designerFixtures(t) {
		for _, driver := range []string{"sqlite3", "postgres"} {
			t.Run(fixture.name+"/"+driver, func(t *testing.T) {
				a := &application{fixture: fixture, folder: t.TempDir(), driver: driver}
				a.dsn = filepath.Join(a.folder, "designer.sqlite")
				if driver == "postgres" {
					a.dsn = pgtest.DSN(t)
				}
				a.config = fmt.Sprintf("[database_nflow]\ndriver = %q\ndsn = %q\n", driver, a.dsn)
				db := openSQL(t, driver, a.dsn)
				fixture.build(t, db)
				for _, change := range changes {
					execSQL(t, db, "UPDATE modules SET code = $1 WHERE name = 'Validate Login'", change)
				}
				before := dumpDesigner(t, db)
				a.process = serve(t, a.folder, a.config)
				test(t, a)
				a.stop()
				if diff := cmp.Diff(before, dumpDesigner(t, db)); diff != "" {
					t.Errorf("the designer's tables changed:\n%s", diff)
				}
			})
		}
	}
}

// login opens /home and logs in through the form it is sent to.
func (a *application) login(b *browser, user, password string) page {
	a.t.Helper()
	form := b.get("/home").wantPath("/nflow_login").want(http.StatusOK, "password")
	return form.submit("username", user, "password", password)
}

func TestDesignerRouteWithoutLogin(t *testing.T) {
	onEveryDesignerDatabase(t, func(t *testing.T, a *application) {
		first := newBrowser(t, a.base).get("/pepe11").wantPath("/pepe11").want(http.StatusOK, "Paso 1")
		if first.header.Get("Nflow-Wid-1") == "" {
			t.Error("the answer does not name its run")
		}
		first.submit("nombre", "Ana").want(http.StatusOK, "Paso 2")
	})
}

func TestDesignerLoginAndLogout(t *testing.T) {
	onEveryDesignerDatabase(t, func(t *testing.T, a *application) {
		b := newBrowser(t, a.base)
		a.login(b, "user1", "wrong").want(http.StatusOK, "Error Login")
		b.get("/home").wantPath("/nflow_login")
		a.login(b, "user1", "1").want(http.StatusOK, "<script>").followScript().wantPath("/home").want(http.StatusOK, "Paso 1").
			want(http.StatusOK, "<p>user1</p>")
		b.get("/logout").want(http.StatusOK, "logout")
		b.get("/home").wantPath("/nflow_login")
		newBrowser(t, a.base).get("/home").wantPath("/nflow_login")
	})
}

func TestDesignerFormToItsEnd(t *testing.T) {
	for kind, step := range map[string]struct{ title, value, log string }{
		"celular": {"Paso 3 - Celular", "099123456", "Enviando codigo"},
		"mail":    {"Paso 3 - Mail", "ana@example.com", "Enviando mail"},
	} {
		t.Run(kind, func(t *testing.T) {
			onEveryDesignerDatabase(t, func(t *testing.T, a *application) {
				first := a.login(newBrowser(t, a.base), "user1", "1").followScript().want(http.StatusOK, "Paso 1")
				second := first.submit("nombre", "Ana <b>&ñ").want(http.StatusOK, "Paso 2")
				third := second.submit("tipo", kind, kind, step.value).want(http.StatusOK, step.title)
				again := third.submit("codigo", "0000").want(http.StatusOK, "Paso 2")
				third = again.submit("tipo", kind, kind, step.value).want(http.StatusOK, step.title)
				fourth := third.submit("codigo", "1111").want(http.StatusOK, "Paso 4").want(http.StatusOK, "<p>user1</p>")
				last := fourth.submit("cantidad", "1000", "cuotas", "3").want(http.StatusOK, "{")
				var got map[string]any
				if err := json.Unmarshal([]byte(last.body), &got); err != nil {
					t.Fatalf("%v in %s", err, last.body)
				}
				want := map[string]any{
					"nombre": "Ana <b>&ñ", "tipo": kind, kind: step.value, "codigo": "1111", "paso_codigo": "ok",
					"cantidad": "1000", "cuotas": "3",
				}
				for field, value := range want {
					if got[field] != value {
						t.Errorf("%s is %v, want %v in %s", field, got[field], value, last.body)
					}
				}
				a.wantLog(step.log)
				a.wantLog("User: user1")
			})
		})
	}
}
