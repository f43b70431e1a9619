//go:build unix

package e2e

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

// world is everything the outward workflow reaches: two databases, a server of
// exchange rates and a mail server.
type world struct {
	*process

	office *postOffice
	rates  *httptest.Server
	shop   *sql.DB
	people *sql.DB
}

func newWorld(t *testing.T, egress string) *world {
	t.Helper()
	folder := t.TempDir()
	w := &world{office: openPostOffice(t)}
	w.rates = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || r.URL.Path != "/rate/UYU" || string(body) != `{"amount":12.5}` {
			http.Error(out, fmt.Sprintf("unexpected %s %s %s", r.Method, r.URL, body), http.StatusBadRequest)
			return
		}
		out.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(out, `{"rate":40}`)
	}))
	t.Cleanup(w.rates.Close)

	shop, people := filepath.Join(folder, "shop.sqlite"), pgtest.DSN(t)
	w.shop, w.people = openSQL(t, "sqlite3", shop), openSQL(t, "postgres", people)
	execSQL(t, w.shop, "CREATE TABLE items (name TEXT, price REAL)")
	execSQL(t, w.shop, "INSERT INTO items VALUES ('mate & co', 12.5)")
	execSQL(t, w.people, "CREATE TABLE customers (id INTEGER, mail TEXT)")
	execSQL(t, w.people, "INSERT INTO customers VALUES (7, 'ana@example.com')")

	document, err := os.ReadFile(filepath.Join("testdata", "outward.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(document), "RATES", w.rates.URL)
	if err := os.WriteFile(filepath.Join(folder, "outward.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.process = serve(t, folder, fmt.Sprintf(`
%s
[databases.shop]
driver = "sqlite3"
dsn = %q
[databases.people]
dsn = %q
[mail]
enabled = true
smtp_host = "127.0.0.1"
smtp_port = %s
from = "Shop <shop@example.com>"
tls = "none"
timeout = "5s"
`, egress, shop, people, w.office.port), "outward.json")
	return w
}

const allowPrivate = "[egress]\nallow_private = true"

// buy posts an order and reads the answer.
func (w *world) buy(order string, status int) map[string]any {
	w.t.Helper()
	r := request(w.t, http.MethodPost, w.base+"/buy", strings.NewReader(order))
	r.Header.Set("Content-Type", "application/json")
	p := newBrowser(w.t, w.base).do(r).want(status, "{")
	var got map[string]any
	if err := json.Unmarshal([]byte(p.body), &got); err != nil {
		w.t.Fatalf("%v in %s", err, p.body)
	}
	return got
}

const order = `{"item":"mate & co","customer":7,"currency":"UYU"}`

func TestOutward(t *testing.T) {
	w := newWorld(t, allowPrivate)
	if got := w.buy(order, http.StatusCreated); got["total"] != 500.0 || got["to"] != "ana@example.com" {
		t.Errorf("the answer is %v", got)
	}
	mails := w.office.received()
	if len(mails) != 1 {
		t.Fatalf("%d mails, want one", len(mails))
	}
	for _, part := range []string{"FROM shop@example.com", "TO ana@example.com", "Subject: Your order of mate & co", "<h1>mate &amp; co</h1>", "500 UYU"} {
		if !strings.Contains(mails[0], part) {
			t.Errorf("the mail has no %q:\n%s", part, mails[0])
		}
	}
}

// wantFailure checks that an order ends on the error branch of a node.
func (w *world) wantFailure(node, code, why string) {
	w.t.Helper()
	got := w.buy(order, http.StatusBadGateway)
	message, _ := got["why"].(string)
	if got["failed"] != node || got["code"] != code || !strings.Contains(message, why) {
		w.t.Errorf("the failure is %v, want %s at %s saying %q", got, code, node, why)
	}
	if strings.Contains(message, "goroutine") || strings.Contains(message, ".go:") {
		w.t.Errorf("the failure tells too much: %s", message)
	}
}

func TestOutwardFailures(t *testing.T) {
	for name, c := range map[string]struct {
		egress          string
		damage          func(*world)
		node, code, why string
	}{
		"http host down":      {allowPrivate, func(w *world) { w.rates.Close() }, "rate", "upstream_failed", "refused"},
		"private not allowed": {"", func(*world) {}, "rate", "forbidden", "allow_private"},
		"mail host down":      {allowPrivate, func(w *world) { w.office.stop() }, "send", "upstream_failed", "mail"},
		"sqlite error": {
			allowPrivate, func(w *world) { execSQL(w.t, w.shop, "DROP TABLE items") }, "price", "query_failed", "items",
		},
		"postgres error": {
			allowPrivate, func(w *world) { execSQL(w.t, w.people, "DROP TABLE customers") }, "customer", "query_failed", "customers",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.egress)
			c.damage(w)
			w.wantFailure(c.node, c.code, c.why)
			if n := len(w.office.received()); n != 0 {
				t.Errorf("%d mails were sent", n)
			}
		})
	}
}

// TestRefusedCallSaysHowToAllowIt has no error branch to take the refusal.
func TestRefusedCallSaysHowToAllowIt(t *testing.T) {
	p := serve(t, t.TempDir(), "")
	p.admin(http.MethodPut, "/api/admin/workflows/call", `{"start": {"data": {"type": "httpstart", "path": "/call"},
		"outputs": {"output": {"connections": [{"node": "ask"}]}}}, "ask": {"data": {"type": "http", "url": "http://127.0.0.1:1/"}}}`).
		want(http.StatusCreated, "")
	newBrowser(t, p.base).get("/call").want(http.StatusInternalServerError, "egress.allow_private").
		want(http.StatusInternalServerError, `"node":"ask"`)
	p.stop()
}
